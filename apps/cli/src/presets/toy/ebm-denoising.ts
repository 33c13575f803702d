/** `ergodic train toy/ebm-denoising` */
import { exponentialDecay } from "@ergodic/nn";
import { denoisingScoreMatching } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

/**
 * The energy is that of the data blurred by the noise. Much noise tells what modes far apart weigh,
 * which little noise alone does not; little noise blurs little. So the noise falls.
 */
export default ebmToy({
  name: "toy/ebm-denoising",
  description: "denoising score matching, noise from 0.5 to half the width of a mode",
  objective: ({ width }) =>
    denoisingScoreMatching({
      sigma: exponentialDecay({ initial: 0.5, factor: 0.1, every: 2_000, floor: width / 2 }),
    }),
  iterations: 4_000,
});
