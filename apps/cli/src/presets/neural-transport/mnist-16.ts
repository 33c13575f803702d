/** `ergodic train neural-transport/mnist-16` */
import { neuralTransportDigits } from "../../preset-parts/neural-transport-digits.js";

export default neuralTransportDigits(16);
