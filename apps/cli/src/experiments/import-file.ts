/**
 * Imports a user's experiment file, TypeScript or JavaScript.
 *
 * A process must hold one copy of the packages with state (the engine in use, recorded programs).
 * Imports of the modules below therefore resolve to the copies of this command line, wherever the
 * file is. All other imports resolve from the file's own folder.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { messageOf } from "@ergodic/tensor";
import { createJiti } from "jiti";
import { CliError } from "../errors.js";
import { dependencies } from "../manifest.js";

/**
 * A package and its subpaths. The engine's subpaths are excluded: each loads a runtime, and the
 * command line chooses one.
 */
function modulesOf(name: string): string[] {
  if (name === "@ergodic/engine") return [name];
  const manifest = createRequire(import.meta.url)(`${name}/package.json`) as { exports: Record<string, unknown> };
  const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== "./package.json");
  return subpaths.map((subpath) => name + subpath.slice(1));
}

/**
 * All Ergodic modules of this command line, and the libraries with which experiments write models
 * and options.
 */
export const sharedModules: readonly string[] = [
  ...dependencies.filter((name) => name.startsWith("@ergodic/")).flatMap(modulesOf),
  "@tensorflow/tfjs-core",
  "zod",
];

/**
 * The module at `path`.
 *
 * @param packages targets of imports of other packages, if the location of the file does not
 *   determine them.
 * @throws CliError when the file cannot be read, parsed or run; the cause is kept.
 */
export async function importExperimentFile(
  path: string,
  packages: Readonly<Record<string, string>> = {},
): Promise<{ readonly default: unknown }> {
  try {
    readFileSync(path);
  } catch (error) {
    throw new CliError(`can't read ${path} (${messageOf(error)})`);
  }
  const loaded = sharedModules.map(async (name) => [name, (await import(name)) as unknown] as const);
  const virtualModules = Object.fromEntries(await Promise.all(loaded));
  const jiti = createJiti(path, {
    ...{ virtualModules, alias: { ...packages } },
    ...{ moduleCache: false, fsCache: false, interopDefault: false },
  });
  try {
    return await jiti.import<{ default: unknown }>(path);
  } catch (error) {
    throw Object.assign(new CliError(`${path} can't be loaded: ${messageOf(error)}`), { cause: error });
  }
}
