import type { EngineDefinition } from "./engine.js";
import { startCpuBackend } from "./backend-engine.js";
import type { OnnxRuntime } from "../onnx/runtime.js";

/** ONNX Runtime on WebAssembly, for pages. It uses threads if the page is cross-origin isolated. */
export const onnxWebEngine = (runtime: () => Promise<OnnxRuntime>): EngineDefinition<"onnx-web"> => ({
  name: "onnx-web",
  description: "ONNX Runtime, compiled, WebAssembly",
  install: "npm install onnxruntime-web @tensorflow/tfjs-backend-cpu",
  async load(options) {
    await startCpuBackend();
    const { createWebExecutor } = await import("../onnx/web.js");
    return { ...(await createWebExecutor(await runtime(), options)), backend: "cpu", compiled: true };
  },
});
