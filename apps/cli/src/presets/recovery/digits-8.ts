/** `ergodic train recovery/digits-8` */
import { recoveryDigits } from "../../preset-parts/recovery-digits.js";

export default recoveryDigits({
  name: "recovery/digits-8",
  side: 8,
  table: { channels: 16, multipliers: [1, 2], blocks: 1, steps: 10, learningRate: 3e-4, warmup: 200 },
  iterations: 3_000,
});
