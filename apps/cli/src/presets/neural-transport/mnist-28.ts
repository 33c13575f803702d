/** `ergodic train neural-transport/mnist-28`: three times the cost of 16 x 16. */
import { neuralTransportDigits } from "../../preset-parts/neural-transport-digits.js";

export default neuralTransportDigits(28);
