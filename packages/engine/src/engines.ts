/**
 * The engines a function can run on, how each is loaded, and which one `auto` means.
 *
 * Nothing here imports a backend until it is asked for.
 */
import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "@ergodic/tensor";
import { EngineError } from "./errors.js";
import type { Executor } from "./executor.js";

export type EngineName = "onnx" | "webgpu" | "webgl" | "wasm" | "cpu";

/** An engine that was loaded. */
export interface EngineInfo {
  readonly name: EngineName;
  readonly description: string;
  /** True when functions are recorded and run as one program, false when they run operation by operation. */
  readonly compiled: boolean;
}

export interface LoadedEngine extends EngineInfo {
  /** The TensorFlow.js backend that holds tensors between calls. */
  readonly backend: string;
  readonly executor?: Executor;
}

/** One line of the answer to "what could I run on here?". */
export interface EngineStatus {
  readonly name: EngineName;
  readonly available: boolean;
  readonly description: string;
  /** Why it does not load. */
  readonly reason?: string;
  /** How to get it. */
  readonly install: string;
  /** Whether `auto` chooses it on this machine. */
  readonly isDefault: boolean;
}

interface Definition {
  readonly name: EngineName;
  readonly description: string;
  readonly install: string;
  load(): Promise<LoadedEngine>;
}

const eager = (
  name: EngineName,
  title: string,
  packageName: string,
  importBackend: () => Promise<unknown>,
): Definition => {
  const description = `${title}, operation by operation`;
  return {
    name,
    description,
    install: `npm install ${packageName}`,
    async load() {
      await importBackend();
      if (!(await tf.setBackend(name))) throw new EngineError(`the backend "${name}" did not start on this machine.`);
      await tf.ready();
      return { name, description, compiled: false, backend: name };
    },
  };
};

/** A specifier bundlers leave alone: an optional peer is looked up where the user's program runs. */
const optional = (specifier: string): Promise<unknown> => import(/* @vite-ignore */ specifier);

/** Loads the plain backend without its advice, printed under Node, to install another package. */
async function importCpuBackend(): Promise<void> {
  await optional("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");
  Object.assign(tf.backend(), { firstUse: false });
}

const definitions: readonly Definition[] = [
  {
    name: "onnx",
    description: "ONNX Runtime, compiled, CPU",
    install: "npm install onnxruntime-node @tensorflow/tfjs-backend-cpu",
    async load() {
      await importCpuBackend();
      const { createOnnxExecutor } = await import("./onnx/executor.js");
      const { executor, description } = await createOnnxExecutor();
      return { name: "onnx", description, compiled: true, backend: "cpu", executor };
    },
  },
  eager("webgpu", "TensorFlow.js on WebGPU", "@tensorflow/tfjs-backend-webgpu", () =>
    optional("@tensorflow/tfjs-backend-webgpu"),
  ),
  eager("webgl", "TensorFlow.js on WebGL", "@tensorflow/tfjs-backend-webgl", () =>
    optional("@tensorflow/tfjs-backend-webgl"),
  ),
  eager("wasm", "TensorFlow.js on WebAssembly", "@tensorflow/tfjs-backend-wasm", () =>
    optional("@tensorflow/tfjs-backend-wasm"),
  ),
  eager("cpu", "TensorFlow.js in plain JavaScript", "@tensorflow/tfjs-backend-cpu", importCpuBackend),
];

/** `auto` takes the first of these that loads: the compiled engine is 10 to 100 times faster than the plain one. */
const automatic: readonly EngineName[] = ["onnx", "cpu"];

/** Engines that run any function TensorFlow.js can run, so that a message can name a way out. */
export const eagerEngines: readonly EngineName[] = ["cpu"];

let active: LoadedEngine | undefined;
const loaded = new Map<EngineName, Promise<LoadedEngine>>();

const definitionOf = (name: EngineName): Definition => definitions.find((definition) => definition.name === name)!;

function load(name: EngineName): Promise<LoadedEngine> {
  let engine = loaded.get(name);
  if (engine === undefined) {
    engine = definitionOf(name).load();
    loaded.set(name, engine);
    engine.catch(() => loaded.delete(name));
  }
  return engine;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.split("\n")[0]! : String(error));

async function activate(engine: LoadedEngine): Promise<EngineInfo> {
  await tf.setBackend(engine.backend);
  active = engine;
  return engine;
}

/**
 * Chooses the engine that every following compiled call and eager operation uses.
 *
 * @param name one engine, or `"auto"`: the first of ONNX Runtime and plain JavaScript that loads.
 * @throws ValidationError for an unknown name; EngineError, with the command that installs it, when the engine does not load.
 */
export async function useEngine(name: EngineName | "auto"): Promise<EngineInfo> {
  if (name === "auto") return activate(await loadDefault());
  if (!definitions.some((definition) => definition.name === name)) {
    const names = ["auto", ...definitions.map((definition) => definition.name)];
    throw new ValidationError(`unknown engine "${String(name)}"; expected one of ${names.join(", ")}.`);
  }
  try {
    return await activate(await load(name));
  } catch (error) {
    throw new EngineError(
      `the engine "${name}" does not load here: ${reasonOf(error)} Get it with: ${definitionOf(name).install}`,
      { cause: error },
    );
  }
}

async function loadDefault(): Promise<LoadedEngine> {
  const reasons: string[] = [];
  for (const name of automatic) {
    try {
      return await load(name);
    } catch (error) {
      reasons.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new EngineError(`no engine loads here (${reasons.join("; ")}). Get one with: ${definitionOf("onnx").install}`);
}

/** The engine in use, if one was chosen. */
export const currentEngine = (): EngineInfo | undefined => active;

/** The engine in use; chooses `auto` when none was chosen. */
export async function ensureEngine(): Promise<LoadedEngine> {
  if (active === undefined) await useEngine("auto");
  return active!;
}

/** Tries every engine, leaving the one in use in place. */
export async function discoverEngines(): Promise<EngineStatus[]> {
  const previous = active?.backend;
  const statuses: EngineStatus[] = [];
  for (const { name, description, install } of definitions) {
    try {
      const engine = await load(name);
      statuses.push({ name, available: true, description: engine.description, install, isDefault: false });
    } catch (error) {
      statuses.push({ name, available: false, description, reason: reasonOf(error), install, isDefault: false });
    }
  }
  if (previous !== undefined) await tf.setBackend(previous);
  const best = automatic.find((name) => statuses.some((status) => status.name === name && status.available));
  return statuses.map((status) => ({ ...status, isDefault: status.name === best }));
}
