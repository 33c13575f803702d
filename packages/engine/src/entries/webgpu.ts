/** `@ergodic/engine/webgpu`: TensorFlow.js on WebGPU, of the browser or, under Node, of the package `webgpu`. */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgpu";

export { webgpu } from "../engines/webgpu.js";
