/**
 * `@ergodic/engine/webgpu`: TensorFlow.js on WebGPU, which the browser provides, or under Node the
 * package `webgpu`.
 */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgpu";

export { webgpu } from "../engines/webgpu.js";
