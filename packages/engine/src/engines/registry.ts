/**
 * Keeps the loaded engines and the current engine. No backend is imported before an engine needs
 * it.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { RowProduct } from "@ergodic/linear-algebra";
import { ValidationError } from "@ergodic/tensor";
import { installReplacements } from "../composites.js";
import { EngineError } from "../errors.js";
import { claim, thisCopy } from "../single-copy.js";
import { automatic, definitions, onGpu, type EngineName } from "./definitions.js";
import { LoadedEngine, type EngineDefinition, type EngineOptions, type Processor } from "./engine.js";
import { registerFirstBackend } from "./first-backend.js";
import { mayHaveGpu } from "./gpu.js";
import { optionsOf } from "./options.js";

// This file holds the current engine, so a second copy of it must not be loaded.
claim(globalThis, thisCopy);
registerFirstBackend();

/** An engine that `auto` did not take, and why. */
export interface PassedOver {
  readonly name: EngineName;
  readonly reason: string;
}

/** A loaded engine. */
export interface EngineInfo {
  readonly name: EngineName;
  readonly description: string;
  /** True if a function runs as one program, false if its kernels run one at a time. */
  readonly compiled: boolean;
  readonly processor: Processor;
  /**
   * Products `A B^T` in float64 for scores on the host, if the engine has faster ones: `onnx` under
   * Node on an x64 processor. The bits do not depend on the number of threads.
   */
  readonly rowProduct: RowProduct | undefined;
  /** The engines that `auto` tried first, in order. Empty if the engine was chosen by name. */
  readonly passedOver: readonly PassedOver[];
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

/** A load of an engine. */
interface Load {
  readonly options: EngineOptions;
  readonly engine: Promise<Engine>;
}

interface Choice {
  readonly engine: Engine;
  readonly passedOver: readonly PassedOver[];
}

let active: Choice | undefined;
const loaded = new Map<EngineName, Load>();

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

/** Loads an engine, or returns it if it is loaded with these options. */
function load(name: EngineName, given: EngineOptions = {}): Promise<Engine> {
  const last = loaded.get(name);
  const options = optionsOf(given, last?.options);
  if (last !== undefined && JSON.stringify(options) === JSON.stringify(last.options)) return last.engine;
  const engine = definitionOf(name)
    .load(options)
    .then((parts) => new LoadedEngine(name, parts));
  loaded.set(name, { options, engine });
  engine.then(
    async () => (await last?.engine)?.dispose(),
    () => (last === undefined ? loaded.delete(name) : loaded.set(name, last)),
  );
  return engine;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.split("\n")[0]! : String(error));

let lastTurn: Promise<unknown> = Promise.resolve();
let pendingTurns = 0;

/** Runs choices of an engine one after another, in the order of the requests. */
function inTurn<T>(choice: () => Promise<T>): Promise<T> {
  pendingTurns += 1;
  const turn = lastTurn.then(choice).finally(() => (pendingTurns -= 1));
  lastTurn = turn.catch(() => undefined);
  return turn;
}

const describe = ({ engine, passedOver }: Choice): EngineInfo => ({
  name: engine.name,
  description: engine.description,
  compiled: engine.compiled,
  processor: engine.processor,
  get rowProduct() {
    return engine.rowProduct;
  },
  passedOver,
});

async function activate(choice: Choice): Promise<EngineInfo> {
  installReplacements();
  await tf.setBackend(choice.engine.backend);
  active = choice;
  return describe(choice);
}

async function choose(name: EngineName | "auto", options: EngineOptions): Promise<EngineInfo> {
  optionsOf(options);
  if (name === "auto") {
    const choice = await loadDefault(options);
    warnOfPlainEngine(choice);
    return activate(choice);
  }
  assertName(name);
  try {
    return await activate({ engine: await load(name, options), passedOver: [] });
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

const listed = (passedOver: readonly PassedOver[]): string =>
  passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");

let isWarned = false;

/** Warns once when `auto` finds nothing but plain JavaScript. */
function warnOfPlainEngine({ engine, passedOver }: Choice): void {
  if (engine.name !== "cpu" || isWarned) return;
  isWarned = true;
  console.warn(
    `ergodic: no compiled engine loads here, so everything runs in plain JavaScript, 10 to 100 times slower ` +
      `(${listed(passedOver)}). Get one with: ${definitionOf(automatic[0]!).install}`,
  );
}

/**
 * The first engine that `auto` may choose. If there is none, the error gives the reason for each.
 */
async function loadDefault(options: EngineOptions = {}): Promise<Choice> {
  const passedOver: PassedOver[] = [];
  const passOver = (name: EngineName, reason: string): void => {
    if (!passedOver.some((one) => one.name === name)) passedOver.push({ name, reason });
  };
  const attempt = async (name: EngineName, wanted: Processor): Promise<Choice | undefined> => {
    try {
      const engine = await load(name, options);
      if (engine.processor === wanted) return { engine, passedOver };
      passOver(name, `it computes on a ${engine.processor}`);
    } catch (error) {
      passOver(name, reasonOf(error));
    }
    return undefined;
  };
  const candidates = [
    ...(mayHaveGpu() ? onGpu.map((name) => [name, "gpu"] as const) : []),
    ...automatic.map((name) => [name, "cpu"] as const),
  ];
  for (const [name, wanted] of candidates) {
    const choice = await attempt(name, wanted);
    if (choice !== undefined) return choice;
  }
  throw new EngineError(
    `no engine loads here (${listed(passedOver)}). Get one with: ${definitionOf(automatic[0]!).install}`,
  );
}

/**
 * Chooses the engine that every following compiled call and eager operation uses.
 *
 * @param name one engine, or `"auto"`: the first that runs on a real GPU (`tensorflow`,
 *   `onnx-cuda`, `onnx-webgpu`, `webgpu`, `webgl`), otherwise the first that loads on the CPU
 *   (`onnx`, `tensorflow`, `onnx-web`, `wasm`, `cpu`). A GPU emulated in software is never chosen.
 *   `passedOver` of the result tells what came first and why it was not taken. One warning is
 *   printed when `cpu` is all that loads.
 * @param options for `auto` those of every engine that it tries. A loaded engine keeps the options
 *   that are left out. With others it is loaded anew, and compiled functions compile again.
 * @throws ValidationError for an unknown name or a bad option.
 * @throws EngineError, with the command that installs it, when the engine does not load.
 */
export const useEngine = (name: EngineName | "auto", options: EngineOptions = {}): Promise<EngineInfo> =>
  inTurn(() => choose(name, options));

/** The current engine, if one was chosen. */
export const currentEngine = (): EngineInfo | undefined => active && describe(active);

/** The current engine, if one was chosen and no choice is pending. */
export const settledEngine = (): Engine | undefined => (pendingTurns === 0 ? active?.engine : undefined);

/** The current engine after all pending choices. Chooses `auto` if there was no choice. */
export async function ensureEngine(): Promise<Engine> {
  await lastTurn;
  if (active === undefined) await useEngine("auto");
  return active!.engine;
}

/**
 * Frees every program of an engine once no call runs it. Later calls load their programs again.
 *
 * @param name default: the current engine. An engine that was never loaded is ignored.
 * @throws ValidationError for an unknown name.
 */
export async function disposeEngine(name: EngineName | undefined = active?.engine.name): Promise<void> {
  if (name === undefined) return;
  assertName(name);
  await (await loaded.get(name)?.engine)?.dispose();
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
    return statuses.map((status) => ({ ...status, isDefault: status.name === best?.engine.name }));
  });
