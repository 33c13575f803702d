/**
 * `@ergodic/engine/tensorflow`: TensorFlow's native library, under Node.
 *
 * The library is found where `ergodic engine add tensorflow` or npm installed it.
 */
import "@tensorflow/tfjs-backend-cpu";

export { tensorflow } from "../engines/tensorflow.js";
