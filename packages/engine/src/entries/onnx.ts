/** `@ergodic/engine/onnx`: ONNX Runtime on the CPU of this machine, under Node. */
import "@tensorflow/tfjs-backend-cpu";
import * as imported from "onnxruntime-node";
import { onnxEngine } from "../engines/onnx.js";
import { moduleOf } from "../engines/optional.js";

export const onnx = onnxEngine(async () => moduleOf(imported));
