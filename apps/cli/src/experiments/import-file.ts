/**
 * Reads a user's experiment file, TypeScript or JavaScript, as it is.
 *
 * A process must hold one copy of the packages that keep state (the engine in use, recorded programs). So the file's imports of
 * the modules below are answered with the copies of this command line, wherever the file lies; everything else is found from
 * the file's own folder.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { messageOf } from "@ergodic/tensor";
import { createJiti } from "jiti";
import { CliError } from "../errors.js";
import { dependencies } from "../manifest.js";

/** A package and its subpaths. The engine's subpaths are left out: each loads a runtime, and the command line chooses one. */
function modulesOf(name: string): string[] {
  if (name === "@ergodic/engine") return [name];
  const manifest = createRequire(import.meta.url)(`${name}/package.json`) as { exports: Record<string, unknown> };
  const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== "./package.json");
  return subpaths.map((subpath) => name + subpath.slice(1));
}

/** Every module of Ergodic that this command line has, and what experiments write models and options with. */
export const sharedModules: readonly string[] = [
  ...dependencies.filter((name) => name.startsWith("@ergodic/")).flatMap(modulesOf),
  "@tensorflow/tfjs-core",
  "zod",
];

/**
 * The module at `path`.
 *
 * @param packages where imports of other packages lead, when that is not decided by where the file lies.
 * @throws CliError when it can't be read, parsed or run; the cause is kept.
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
