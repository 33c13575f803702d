/** `@ergodic/engine/cpu`: TensorFlow.js in plain JavaScript. */
import "@tensorflow/tfjs-backend-cpu";

export { cpu } from "../engines/cpu.js";
