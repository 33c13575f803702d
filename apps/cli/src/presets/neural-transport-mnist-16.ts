/** `ergodic train neural-transport/mnist-16` */
import { neuralTransportDigits } from "./neural-transport-digits.js";

export default neuralTransportDigits(16);
