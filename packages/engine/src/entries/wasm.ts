/** `@ergodic/engine/wasm`: TensorFlow.js on WebAssembly. */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";

export { wasm } from "../engines/wasm.js";
