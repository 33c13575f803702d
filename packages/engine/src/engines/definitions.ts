/** Lists every engine. A new engine is a file of its own and an entry here. */
import { cpu } from "./cpu.js";
import { onnxCudaEngine } from "./onnx-cuda.js";
import { onnxWebEngine } from "./onnx-web.js";
import { onnxWebgpuEngine } from "./onnx-webgpu.js";
import { onnxEngine } from "./onnx.js";
import { optional } from "./optional.js";
import { tensorflow } from "./tensorflow.js";
import { wasm } from "./wasm.js";
import { webgl } from "./webgl.js";
import { webgpu } from "./webgpu.js";

export const definitions = [
  onnxEngine(() => optional("onnxruntime-node")),
  tensorflow,
  onnxCudaEngine(() => optional("onnxruntime-node")),
  onnxWebgpuEngine(),
  onnxWebEngine(() => optional("onnxruntime-web")),
  webgpu,
  webgl,
  wasm,
  cpu,
] as const;

export type EngineName = (typeof definitions)[number]["name"];

/** On a machine with a real GPU, `auto` chooses the first of these that runs on it. */
export const onGpu: readonly EngineName[] = ["tensorflow", "onnx-cuda", "onnx-webgpu", "webgpu", "webgl"];

/**
 * Otherwise `auto` chooses the first of these that loads. The compiled engines are 10 to 100 times
 * faster than the plain one.
 */
export const automatic: readonly EngineName[] = ["onnx", "tensorflow", "onnx-web", "wasm", "cpu"];

/** Engines that run any function TensorFlow.js can run. Messages suggest them. */
export const universal: readonly EngineName[] = ["cpu"];
