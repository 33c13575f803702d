/**
 * Whether a request fits the memory of this machine.
 *
 * Counts that a user chose are checked before anything is allocated. Without the check, an array
 * that is far too large ends in a message about array lengths, and one that is a little too large
 * ends the process.
 */
import { fail } from "./validation.js";

/** Most numbers in one typed array, in every JavaScript engine that is supported. */
const longestArray = 2 ** 32 - 1;

/** Assumed memory of a machine that does not report its own, such as a browser. */
const assumed = 2 ** 33;

let memory: number | undefined;

/**
 * Bytes of memory that this process may use: the machine's, or the container's where those are
 * fewer.
 */
export function machineMemory(): number {
  memory ??= measured();
  return memory;
}

function measured(): number {
  const node = (globalThis as { process?: Partial<NodeJS.Process> }).process;
  const total = node?.getBuiltinModule?.("node:os").totalmem();
  const limit = node?.constrainedMemory?.();
  const sizes = [total, limit].filter((size) => size !== undefined && size > 0 && size < Number.MAX_SAFE_INTEGER);
  return sizes.length === 0 ? assumed : Math.min(...(sizes as number[]));
}

/** Writes a number of bytes as text: "3.1 GB". */
export function describeBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${Number((bytes / 1000 ** step).toPrecision(3))} ${units[step]}`;
}

/**
 * Checks that an array of this shape fits the memory of the machine.
 *
 * @param what names the array in messages, for example "1000000000 samples".
 * @param bytes bytes of one number; default 4, as of float32 and int32.
 * @throws ValidationError, for example `a draw of shape [1000000,1000000] takes 4 TB, expected at
 *   most the 25.3 GB of memory of this machine; ask for fewer numbers`.
 */
export function assertFitsMemory(what: string, shape: readonly number[], bytes = 4): void {
  const count = shape.reduce((product, side) => product * side, 1);
  const most = machineMemory();
  if (count * bytes <= most && count <= longestArray) return;
  const limit =
    count * bytes > most
      ? `at most the ${describeBytes(most)} of memory of this machine`
      : `at most ${longestArray} numbers in one array`;
  fail(`${what} of shape [${shape.join(",")}] takes ${describeBytes(count * bytes)}`, limit, "ask for fewer numbers");
}
