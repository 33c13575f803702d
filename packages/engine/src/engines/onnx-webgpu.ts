import type { EngineDefinition } from "./engine.js";
import { startCpuBackend } from "./backend-engine.js";
import { isNode } from "./gpu.js";
import { optional } from "./optional.js";
import type { OnnxRuntime } from "../onnx/runtime.js";

/** ONNX Runtime's WebGPU provider, from the package for Node or the package for browsers. */
export const onnxWebgpuEngine = (
  runtime: () => Promise<OnnxRuntime> = () =>
    optional<OnnxRuntime>(isNode() ? "onnxruntime-node" : "onnxruntime-web/webgpu"),
): EngineDefinition<"onnx-webgpu"> => ({
  name: "onnx-webgpu",
  description: "ONNX Runtime, compiled, WebGPU",
  install: "npm install onnxruntime-node webgpu @tensorflow/tfjs-backend-cpu (in a page onnxruntime-web)",
  async load() {
    await startCpuBackend();
    const { createWebgpuExecutor } = await import("../onnx/webgpu.js");
    return { ...(await createWebgpuExecutor(await runtime())), backend: "cpu", compiled: true };
  },
});
