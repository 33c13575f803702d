/** `ergodic train recovery/mnist-32` */
import { recoveryDigits } from "../../preset-parts/recovery-digits.js";

export default recoveryDigits({
  name: "recovery/mnist-32",
  side: 32,
  table: {
    channels: 16,
    multipliers: [1, 2, 2, 2],
    blocks: 1,
    steps: 10,
    learningRate: 1e-4,
    warmup: 200,
    dataNoise: 0.1,
  },
  iterations: 4_000,
});
