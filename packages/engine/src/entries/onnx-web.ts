/** `@ergodic/engine/onnx-web`: ONNX Runtime on WebAssembly, in a page. */
import "@tensorflow/tfjs-backend-cpu";
import * as imported from "onnxruntime-web/wasm";
import { onnxWebEngine } from "../engines/onnx-web.js";
import { moduleOf } from "../engines/optional.js";

export const onnxWeb = onnxWebEngine(async () => moduleOf(imported));
