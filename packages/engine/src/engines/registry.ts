/**
 * Keeps the loaded engines and the current engine. No backend is imported before an engine needs
 * it.
 */
import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "@ergodic/tensor";
import { installReplacements } from "../composites.js";
import { EngineError } from "../errors.js";
import { claim, thisCopy } from "../single-copy.js";
import { automatic, definitions, onGpu, type EngineName } from "./definitions.js";
import { LoadedEngine, type EngineDefinition, type Processor } from "./engine.js";
import { mayHaveGpu } from "./gpu.js";

// This file holds the current engine, so a second copy of it must not be loaded.
claim(globalThis, thisCopy);

/** A loaded engine. */
export interface EngineInfo {
  readonly name: EngineName;
  readonly description: string;
  /** True if a function runs as one program, false if its kernels run one at a time. */
  readonly compiled: boolean;
  readonly processor: Processor;
}

/** The status of an engine on this machine. */
export interface EngineStatus {
  readonly name: EngineName;
  readonly available: boolean;
  readonly description: string;
  /** The processor it computes on, if it loads. */
  readonly processor?: Processor;
  /** The reason why it does not load. */
  readonly reason?: string;
  /** The command that installs it. */
  readonly install: string;
  /** Whether `auto` chooses it on this machine. */
  readonly isDefault: boolean;
}

type Engine = LoadedEngine<EngineName>;

let active: Engine | undefined;
const loaded = new Map<EngineName, Promise<Engine>>();

const provided = new Map<EngineName, EngineDefinition<EngineName>>();

const definitionOf = (name: EngineName): EngineDefinition<EngineName> =>
  provided.get(name) ?? definitions.find((definition) => definition.name === name)!;

/**
 * Provides engines that the program imported itself, as by
 * `import { webgpu } from "@ergodic/engine/webgpu"`.
 *
 * A page built by a bundler needs this. Under Node, an engine that was not provided resolves its
 * packages by name when it is chosen. An engine that is already loaded is not replaced.
 */
export function provideEngines(...engines: readonly EngineDefinition<EngineName>[]): void {
  for (const engine of engines) {
    assertName(engine.name);
    provided.set(engine.name, engine);
  }
}

function load(name: EngineName): Promise<Engine> {
  let engine = loaded.get(name);
  if (engine === undefined) {
    engine = definitionOf(name)
      .load()
      .then((parts) => new LoadedEngine(name, parts));
    loaded.set(name, engine);
    engine.catch(() => loaded.delete(name));
  }
  return engine;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.split("\n")[0]! : String(error));

let lastTurn: Promise<unknown> = Promise.resolve();

/** Runs choices of an engine one after another, in the order of the requests. */
function inTurn<T>(choice: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(choice);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

async function activate(engine: Engine): Promise<EngineInfo> {
  installReplacements();
  await tf.setBackend(engine.backend);
  active = engine;
  return engine;
}

async function choose(name: EngineName | "auto"): Promise<EngineInfo> {
  if (name === "auto") return activate(await loadDefault());
  assertName(name);
  try {
    return await activate(await load(name));
  } catch (error) {
    throw new EngineError(
      `the engine "${name}" does not load here: ${reasonOf(error)} Get it with: ${definitionOf(name).install}`,
      { cause: error },
    );
  }
}

function assertName(name: EngineName): void {
  if (definitions.some((definition) => definition.name === name)) return;
  const names = ["auto", ...definitions.map((definition) => definition.name)];
  throw new ValidationError(`unknown engine "${String(name)}"; expected one of ${names.join(", ")}.`);
}

/**
 * The first engine that `auto` may choose. If there is none, the error gives the reason for each.
 */
async function loadDefault(): Promise<Engine> {
  const reasons: string[] = [];
  const attempt = async (name: EngineName, wanted: (engine: Engine) => boolean): Promise<Engine | undefined> => {
    try {
      const engine = await load(name);
      if (wanted(engine)) return engine;
    } catch (error) {
      reasons.push(`${name}: ${reasonOf(error)}`);
    }
    return undefined;
  };
  if (mayHaveGpu()) {
    for (const name of onGpu) {
      const engine = await attempt(name, ({ processor }) => processor === "gpu");
      if (engine !== undefined) return engine;
    }
  }
  for (const name of automatic) {
    const engine = await attempt(name, ({ processor }) => processor === "cpu");
    if (engine !== undefined) return engine;
  }
  throw new EngineError(
    `no engine loads here (${reasons.join("; ")}). Get one with: ${definitionOf(automatic[0]!).install}`,
  );
}

/**
 * Chooses the engine that every following compiled call and eager operation uses.
 *
 * @param name one engine, or `"auto"`: the first that runs on a real GPU (`tensorflow`,
 *   `onnx-cuda`, `onnx-webgpu`, `webgpu`, `webgl`), otherwise the first that loads on the CPU
 *   (`onnx`, `tensorflow`, `onnx-web`, `wasm`, `cpu`). A GPU emulated in software is never chosen.
 * @throws ValidationError for an unknown name.
 * @throws EngineError, with the command that installs it, when the engine does not load.
 */
export const useEngine = (name: EngineName | "auto"): Promise<EngineInfo> => inTurn(() => choose(name));

/** The current engine, if one was chosen. */
export const currentEngine = (): EngineInfo | undefined => active;

/** The current engine after all pending choices. Chooses `auto` if there was no choice. */
export async function ensureEngine(): Promise<Engine> {
  await lastTurn;
  if (active === undefined) await useEngine("auto");
  return active!;
}

/**
 * Frees every program of an engine once no call runs it. Later calls load their programs again.
 *
 * @param name default: the current engine. An engine that was never loaded is ignored.
 * @throws ValidationError for an unknown name.
 */
export async function disposeEngine(name: EngineName | undefined = active?.name): Promise<void> {
  if (name === undefined) return;
  assertName(name);
  await (await loaded.get(name))?.dispose();
}

/** Tries every engine. The current engine does not change. */
export const discoverEngines = (): Promise<EngineStatus[]> =>
  inTurn(async () => {
    const statuses: EngineStatus[] = [];
    for (const { name, description, install } of definitions) {
      try {
        const engine = await load(name);
        const { description, processor } = engine;
        statuses.push({ name, available: true, description, processor, install, isDefault: false });
      } catch (error) {
        statuses.push({ name, available: false, description, reason: reasonOf(error), install, isDefault: false });
      }
    }
    const best = await loadDefault().catch(() => undefined);
    return statuses.map((status) => ({ ...status, isDefault: status.name === best?.name }));
  });
