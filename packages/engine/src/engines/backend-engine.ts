/** Engines that are a TensorFlow.js backend. Recorded functions are replayed on it. */
import * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../errors.js";
import { replayExecutor } from "../replay/executor.js";
import { supplyKernels } from "./composed-kernels.js";
import type { EngineDefinition, EngineParts } from "./engine.js";
import { optional } from "./optional.js";
import { correctPlainKernels } from "./plain-corrections.js";

/** Imports the package of a backend, unless the program has imported it. */
export async function importBackend(name: string): Promise<void> {
  if (tf.findBackendFactory(name) === null) await optional(`@tensorflow/tfjs-backend-${name}`);
}

/**
 * Initialises a registered backend without making it the current one.
 *
 * TensorFlow.js does this itself only for backends that start synchronously. While a backend starts
 * asynchronously there, no tensor can be created anywhere.
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

/**
 * The registered plain backend with corrected kernels, without the advice that it prints under Node
 * to install another package.
 */
export function readyCpuBackend(): tf.KernelBackend {
  correctPlainKernels();
  return Object.assign(tf.findBackend("cpu"), { firstUse: false });
}

/** Loads the plain backend. */
export async function startCpuBackend(): Promise<void> {
  await importBackend("cpu");
  await startBackend("cpu");
  readyCpuBackend();
  // In a page, possibly no backend was chosen yet. TensorFlow.js would then choose one that has not
  // started.
  if (!tf.getBackend()) await tf.setBackend("cpu");
}

/** Facts about the device that a start may return. */
export type Device = Partial<Pick<EngineParts, "description" | "processor">>;

/** The engine of the backend `name`, from the package that registers it. */
export function backendEngine<Name extends string>(
  name: Name,
  title: string,
  start: () => Promise<Device | void> = async () => {
    await importBackend(name);
    await startBackend(name);
  },
  install = `npm install @tensorflow/tfjs-backend-${name}`,
  /** Corrects kernels after all are registered, the supplied ones included. */
  correct: () => void = () => undefined,
): EngineDefinition<Name> {
  const description = `${title}, operation by operation`;
  return {
    name,
    description,
    install,
    async load() {
      const device = await start();
      supplyKernels(name);
      correct();
      // The plain backend folds constants of recorded functions, if its package is installed.
      await startCpuBackend().catch(() => undefined);
      return { description, ...device, backend: name, executor: replayExecutor(name), compiled: false };
    },
  };
}
