/** `@ergodic/engine/tensorflow`: TensorFlow's native library, under Node. It is found where `ergodic engine add tensorflow` or npm put it. */
import "@tensorflow/tfjs-backend-cpu";

export { tensorflow } from "../engines/tensorflow.js";
