import type { EngineDefinition } from "./engine.js";
import { startCpuBackend } from "./backend-engine.js";
import type { OnnxRuntime } from "../onnx/runtime.js";

/** ONNX Runtime's CUDA provider, on Linux and Windows on x64. */
export const onnxCudaEngine = (runtime: () => Promise<OnnxRuntime>): EngineDefinition<"onnx-cuda"> => ({
  name: "onnx-cuda",
  description: "ONNX Runtime, compiled, CUDA",
  install: "npm rebuild onnxruntime-node (its install script fetches the CUDA provider), CUDA 12 and cuDNN 9",
  async load() {
    await startCpuBackend();
    const { createCudaExecutor } = await import("../onnx/cuda.js");
    return { ...(await createCudaExecutor(await runtime())), backend: "cpu", compiled: true, processor: "gpu" };
  },
});
