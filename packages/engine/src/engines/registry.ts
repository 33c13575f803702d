/** Which engines are loaded and which one is in use. Nothing here imports a backend until it is asked for. */
import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "@ergodic/tensor";
import { EngineError } from "../errors.js";
import { automatic, definitions, type EngineName } from "./definitions.js";
import { LoadedEngine, type EngineDefinition } from "./engine.js";

/** An engine that was loaded. */
export interface EngineInfo {
  readonly name: EngineName;
  readonly description: string;
  /** True when a function runs as one program, false when its kernels run one at a time. */
  readonly compiled: boolean;
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

type Engine = LoadedEngine<EngineName>;

let active: Engine | undefined;
const loaded = new Map<EngineName, Promise<Engine>>();

const definitionOf = (name: EngineName): EngineDefinition<EngineName> =>
  definitions.find((definition) => definition.name === name)!;

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

/** Choices of an engine happen one after another, in the order in which they were asked for. */
function inTurn<T>(choice: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(choice);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

async function activate(engine: Engine): Promise<EngineInfo> {
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

async function loadDefault(): Promise<Engine> {
  const reasons: string[] = [];
  for (const name of automatic) {
    try {
      return await load(name);
    } catch (error) {
      reasons.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new EngineError(
    `no engine loads here (${reasons.join("; ")}). Get one with: ${definitionOf(automatic[0]!).install}`,
  );
}

/**
 * Chooses the engine that every following compiled call and eager operation uses.
 *
 * @param name one engine, or `"auto"`: the first of ONNX Runtime and plain JavaScript that loads.
 * @throws ValidationError for an unknown name; EngineError, with the command that installs it, when the engine does not load.
 */
export const useEngine = (name: EngineName | "auto"): Promise<EngineInfo> => inTurn(() => choose(name));

/** The engine in use, if one was chosen. */
export const currentEngine = (): EngineInfo | undefined => active;

/** The engine in use, after every choice that was asked for; chooses `auto` when there was none. */
export async function ensureEngine(): Promise<Engine> {
  await lastTurn;
  if (active === undefined) await useEngine("auto");
  return active!;
}

/**
 * Frees every program that an engine holds, as soon as no call runs it. Later calls of compiled functions load theirs again.
 *
 * @param name default: the engine in use. Nothing happens when that engine was never loaded.
 * @throws ValidationError for an unknown name.
 */
export async function disposeEngine(name: EngineName | undefined = active?.name): Promise<void> {
  if (name === undefined) return;
  assertName(name);
  await (await loaded.get(name))?.dispose();
}

/** Tries every engine, leaving the one in use in place. */
export const discoverEngines = (): Promise<EngineStatus[]> =>
  inTurn(async () => {
    const statuses: EngineStatus[] = [];
    for (const { name, description, install } of definitions) {
      try {
        const engine = await load(name);
        statuses.push({ name, available: true, description: engine.description, install, isDefault: false });
      } catch (error) {
        statuses.push({ name, available: false, description, reason: reasonOf(error), install, isDefault: false });
      }
    }
    const best = automatic.find((name) => statuses.some((status) => status.name === name && status.available));
    return statuses.map((status) => ({ ...status, isDefault: status.name === best }));
  });
