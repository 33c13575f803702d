import type { EngineDefinition } from "./engine.js";
import { startCpuBackend } from "./backend-engine.js";
import type { OnnxRuntime } from "../onnx/runtime.js";

/** ONNX Runtime on the CPU. The plain backend holds tensors between calls. */
export const onnxEngine = (runtime: () => Promise<OnnxRuntime>): EngineDefinition<"onnx"> => ({
  name: "onnx",
  description: "ONNX Runtime, compiled, CPU",
  install: "npm install onnxruntime-node @tensorflow/tfjs-backend-cpu",
  async load({ threads }) {
    await startCpuBackend();
    const { createOnnxExecutor } = await import("../onnx/cpu.js");
    return { ...(await createOnnxExecutor(await runtime(), threads)), backend: "cpu", compiled: true };
  },
});
