import { startCpuBackend } from "./backend-engine.js";
import type { EngineDefinition } from "./engine.js";

/** ONNX Runtime on the CPU; tensors live on the plain backend between calls. */
export const onnx: EngineDefinition<"onnx"> = {
  name: "onnx",
  description: "ONNX Runtime, compiled, CPU",
  install: "npm install onnxruntime-node @tensorflow/tfjs-backend-cpu",
  async load() {
    await startCpuBackend();
    const { createOnnxExecutor } = await import("../onnx/executor.js");
    return { ...(await createOnnxExecutor()), backend: "cpu", compiled: true };
  },
};
