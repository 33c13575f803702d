/**
 * Refuses a second copy of this package in one process.
 *
 * Each copy would choose its own engine and change the kernels that all copies of TensorFlow.js
 * share.
 */
import { version } from "../package.json";
import { EngineError } from "./errors.js";

/** A copy of the package: its version and the file it was loaded from. */
export interface Copy {
  readonly version: string;
  readonly url: string;
}

/** The copy that this file belongs to. */
export const thisCopy: Copy = { version, url: import.meta.url };

const mark = Symbol.for("@ergodic/engine");

/** Loaders append a query or fragment to load a file again. */
const fileOf = ({ url }: Copy): string => url.replace(/[?#].*$/, "");

const describe = (copy: Copy): string => `${copy.version} from ${fileOf(copy)}`;

/**
 * Registers the copy in `scope`, which all copies share.
 *
 * @throws EngineError that names both copies when another copy is already registered there.
 */
export function claim(scope: object, copy: Copy): void {
  const holder = scope as { [mark]?: Copy };
  const other = holder[mark];
  if (other !== undefined && (other.version !== copy.version || fileOf(other) !== fileOf(copy))) {
    throw new EngineError(
      `two copies of @ergodic/engine meet in one process: ${describe(other)} and ${describe(copy)}. Each would choose an ` +
        `engine of its own. Keep one: "npm ls @ergodic/engine" shows who asks for them, "npm dedupe" joins equal versions.`,
    );
  }
  holder[mark] = copy;
}
