import { startCpuBackend } from "./backend-engine.js";
import type { EngineDefinition } from "./engine.js";

/**
 * TensorFlow's native library on a CUDA GPU or the CPU. The plain backend holds tensors between
 * calls.
 */
export const tensorflow: EngineDefinition<"tensorflow"> = {
  name: "tensorflow",
  description: "TensorFlow, compiled, CUDA or CPU",
  install: "npx ergodic engine add tensorflow, or: npm install @tensorflow/tfjs-node-gpu",
  async load({ threads }) {
    await startCpuBackend();
    const { createTensorFlowExecutor } = await import("../tensorflow/executor.js");
    return { ...(await createTensorFlowExecutor(threads)), backend: "cpu", compiled: true };
  },
};
