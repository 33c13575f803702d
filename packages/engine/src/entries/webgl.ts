/** `@ergodic/engine/webgl`: TensorFlow.js on WebGL. */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgl";

export { webgl } from "../engines/webgl.js";
