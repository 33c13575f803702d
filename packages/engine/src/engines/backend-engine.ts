/** Engines that are a TensorFlow.js backend: recorded functions are replayed on it. */
import * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../errors.js";
import { replayExecutor } from "../replay/executor.js";
import type { EngineDefinition } from "./engine.js";

/** A specifier bundlers leave alone: an optional peer is looked up where the user's program runs. */
const optional = (specifier: string): Promise<unknown> => import(/* @vite-ignore */ specifier);

/**
 * Initialises a registered backend without making it the one in use.
 *
 * TensorFlow.js can do so itself only for backends that start at once; while one starts in its own time no tensor can be made anywhere.
 */
export async function startBackend(name: string): Promise<void> {
  const factory = tf.findBackendFactory(name);
  if (factory === null) throw new EngineError(`no package registered the backend "${name}".`);
  if (name in tf.engine().registry) return;
  const backend = await factory();
  tf.removeBackend(name);
  tf.registerBackend(name, () => backend);
  if (tf.findBackend(name) === null) throw new EngineError(`the backend "${name}" did not start on this machine.`);
}

/** Loads the plain backend without its advice, printed under Node, to install another package. */
export async function startCpuBackend(): Promise<void> {
  await optional("@tensorflow/tfjs-backend-cpu");
  await startBackend("cpu");
  Object.assign(tf.findBackend("cpu"), { firstUse: false });
}

/** The engine of the backend of that name, from the package that registers it. */
export function backendEngine<Name extends string>(
  name: Name,
  title: string,
  start: () => Promise<void> = async () => {
    await optional(`@tensorflow/tfjs-backend-${name}`);
    await startBackend(name);
  },
): EngineDefinition<Name> {
  const description = `${title}, operation by operation`;
  return {
    name,
    description,
    install: `npm install @tensorflow/tfjs-backend-${name}`,
    async load() {
      await start();
      // Constants of recorded functions are folded with the plain backend where its package is installed.
      await startCpuBackend().catch(() => undefined);
      return { description, backend: name, executor: replayExecutor(name), compiled: false };
    },
  };
}
