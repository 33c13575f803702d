import * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../errors.js";
import { backendEngine, importBackend, startBackend, type Device } from "./backend-engine.js";
import { describeGpu, isNode, withNavigatorGpu } from "./gpu.js";

/**
 * Explains how to avoid synchronous reads under Node. The backend needs a canvas for them, which
 * Node does not have.
 */
function explainReading(): void {
  const backend = tf.findBackend("webgpu") as tf.KernelBackend;
  const read = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    try {
      return read(dataId);
    } catch (error) {
      throw new EngineError(
        "a tensor on the GPU was read at once (dataSync, a captured tensor, another engine); under Node await tensor.data() first.",
        { cause: error },
      );
    }
  };
}

async function start(): Promise<Device> {
  const { name, processor } = await describeGpu();
  await withNavigatorGpu(async () => {
    await importBackend("webgpu");
    await startBackend("webgpu");
  });
  if (isNode()) explainReading();
  return { description: `TensorFlow.js on WebGPU, operation by operation (${name})`, processor };
}

export const webgpu = backendEngine(
  "webgpu",
  "TensorFlow.js on WebGPU",
  start,
  "npm install @tensorflow/tfjs-backend-webgpu, and under Node webgpu too",
);
