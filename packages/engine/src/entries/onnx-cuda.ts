/** `@ergodic/engine/onnx-cuda`: ONNX Runtime on an NVIDIA GPU, under Node. */
import "@tensorflow/tfjs-backend-cpu";
import * as imported from "onnxruntime-node";
import { onnxCudaEngine } from "../engines/onnx-cuda.js";
import { moduleOf } from "../engines/optional.js";

export const onnxCuda = onnxCudaEngine(async () => moduleOf(imported));
