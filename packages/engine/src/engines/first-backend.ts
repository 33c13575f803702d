/**
 * The backend of tensors that a program under Node makes before it chooses an engine.
 *
 * TensorFlow.js asks for it when the first tensor is made. Only then the plain backend is loaded,
 * so importing this package loads none. A backend that the program imports itself comes first.
 */
import * as tf from "@tensorflow/tfjs-core";
import { installReplacements } from "../composites.js";
import { EngineError } from "../errors.js";
import { readyCpuBackend } from "./backend-engine.js";

export const firstBackend = "cpu-on-demand";

/** Backends of packages have the priority 1 or more. */
const lastChoice = 0;

/** Node's own modules, which bundlers of pages must not see. Undefined in a page. */
const builtins = globalThis.process?.getBuiltinModule?.("node:module");

/** Loads the package of the plain backend, which registers itself. */
function requireCpuBackend(createRequire: (from: string) => (specifier: string) => unknown): void {
  const specifier = "@tensorflow/tfjs-backend-cpu";
  try {
    createRequire(import.meta.url)(specifier);
  } catch (cause) {
    throw new EngineError(`the first tensor needs ${specifier}. Get it with: npm install ${specifier}`, { cause });
  }
}

/** Registers the backend, where Node can load it. A page imports its backends itself. */
export function registerFirstBackend(): void {
  if (builtins === undefined || tf.findBackendFactory(firstBackend) !== null) return;
  tf.registerBackend(
    firstBackend,
    () => {
      requireCpuBackend(builtins.createRequire);
      installReplacements();
      const backend = readyCpuBackend();
      tf.copyRegisteredKernels("cpu", firstBackend);
      return backend;
    },
    lastChoice,
  );
}
