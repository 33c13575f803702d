/** The native addon of TensorFlow.js for Node: its functions, its location, and its loading. */
import { EngineError } from "../errors.js";
import type { DType, TypedArray } from "../graph.js";
import { addonIn, cachedBuilds, stderrAddonBeside } from "./cache.js";
import { openAddon, quietly } from "./stderr.js";

// Resolved when this file is loaded, which never happens in a page, so that bundlers ignore them.
const { existsSync } = process.getBuiltinModule("node:fs");
const { createRequire } = process.getBuiltinModule("node:module");
const { dirname, join, resolve } = process.getBuiltinModule("node:path");

/** The addon's own functions. Tensors are numbers that must be deleted. */
export interface Binding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  createTensor(shape: readonly number[], type: number, values: TypedArray): number;
  tensorDataSync(tensor: number): TypedArray;
  deleteTensor(tensor: number): void;
  getNumOfTensors(): number;
  loadSavedModel(folder: string, tags: string): number;
  /** Names are joined by commas. */
  runSavedModel(model: number, inputs: readonly number[], inputNames: string, outputNames: string): { id: number }[];
  deleteSavedModel(model: number): void;
  /** Only in builds of ergodic's own. Takes a ServerDef, returns the address for sessions. */
  startServer?(definition: Uint8Array): string;
  getNumOfSavedModels(): number;
}

/** The addon's numbers for types. */
export const BINDING_TYPE: Readonly<Record<DType, number>> = { float32: 1, int32: 3, bool: 10 };

const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/** Addons of packages that this package, the program's folder or its main script can import. */
function installedAddons(): string[] {
  const starts = [
    import.meta.url,
    join(process.cwd(), "program.js"),
    ...(process.argv[1] === undefined ? [] : [resolve(process.argv[1])]),
  ];
  const found = starts.flatMap((start) => {
    const require = createRequire(start);
    return PACKAGES.flatMap((name) => {
      try {
        return [addonIn(dirname(require.resolve(`${name}/package.json`)))];
      } catch {
        return [];
      }
    });
  });
  return [...new Set(found)].filter((addon) => existsSync(addon));
}

const loaded = new Map<string, Binding>();

/**
 * Loads an addon, once.
 *
 * @throws Error if the file is no addon for this machine, or one of its libraries is missing.
 */
export function loadAddon(path: string): Binding {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  // Allocates GPU memory as needed instead of all at once.
  process.env["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true";
  const binding = quietly(stderrAddonBeside(path), () => openAddon<Binding>(path));
  loaded.set(path, binding);
  return binding;
}

/**
 * The first addon that loads: first builds in the user's cache, newest first, then an installed
 * package.
 *
 * @throws EngineError that lists why each one failed.
 */
export function findBinding(): Binding {
  const reasons: string[] = [];
  for (const addon of [...cachedBuilds().map(({ folder }) => addonIn(folder)), ...installedAddons()]) {
    try {
      return loadAddon(addon);
    } catch (error) {
      reasons.push(`${addon}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  throw new EngineError(
    reasons.length > 0
      ? `the native TensorFlow library does not load (${reasons.join("; ")}).`
      : `no native TensorFlow library was found, neither an installed ${PACKAGES.join(" or ")} nor a build of ergodic's own.`,
  );
}
