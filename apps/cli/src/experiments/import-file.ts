/**
 * Reads a user's experiment file, TypeScript or JavaScript, as it is.
 *
 * A process must hold one copy of the packages that keep state (the engine in use, recorded programs). So the file's imports of
 * the packages below are answered with the copies of this command line, wherever the file lies; everything else is found from
 * the file's own folder.
 */
import { readFileSync } from "node:fs";
import { createJiti } from "jiti";
import { CliError } from "../errors.js";

const shared: Readonly<Record<string, () => Promise<unknown>>> = {
  "@ergodic/data": () => import("@ergodic/data"),
  "@ergodic/energies": () => import("@ergodic/energies"),
  "@ergodic/engine": () => import("@ergodic/engine"),
  "@ergodic/evaluation": () => import("@ergodic/evaluation"),
  "@ergodic/generators": () => import("@ergodic/generators"),
  "@ergodic/latent-priors": () => import("@ergodic/latent-priors"),
  "@ergodic/nn": () => import("@ergodic/nn"),
  "@ergodic/report": () => import("@ergodic/report"),
  "@ergodic/samplers": () => import("@ergodic/samplers"),
  "@ergodic/tensor": () => import("@ergodic/tensor"),
  "@ergodic/training": () => import("@ergodic/training"),
  "@tensorflow/tfjs-core": () => import("@tensorflow/tfjs-core"),
  zod: () => import("zod"),
};

/** The module at `path`. @throws CliError when it can't be read, parsed or run; the cause is kept. */
export async function importExperimentFile(path: string): Promise<{ readonly default: unknown }> {
  try {
    readFileSync(path);
  } catch (error) {
    throw new CliError(`can't read ${path}: ${message(error)}`);
  }
  const virtualModules = Object.fromEntries(
    await Promise.all(Object.entries(shared).map(async ([name, load]) => [name, await load()] as const)),
  );
  const jiti = createJiti(path, { virtualModules, moduleCache: false, fsCache: false, interopDefault: false });
  try {
    return await jiti.import<{ default: unknown }>(path);
  } catch (error) {
    throw Object.assign(new CliError(`${path} can't be loaded: ${message(error)}`), { cause: error });
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
