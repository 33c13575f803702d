/** `@ergodic/engine/onnx-webgpu` in a page: ONNX Runtime on WebGPU. */
import "@tensorflow/tfjs-backend-cpu";
import * as imported from "onnxruntime-web/webgpu";
import { onnxWebgpuEngine } from "../engines/onnx-webgpu.js";
import { moduleOf } from "../engines/optional.js";

export const onnxWebgpu = onnxWebgpuEngine(async () => moduleOf(imported));
