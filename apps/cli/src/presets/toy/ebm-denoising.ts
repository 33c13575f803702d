/** `ergodic train toy/ebm-denoising` */
import { denoisingScoreMatching } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

/**
 * The energy is that of the data blurred by the noise. Moons, whose sd is that of the noise, lose
 * 0.1 nats by it. Less noise alone does not tell what modes far apart weigh: at 0.05 the eight
 * Gaussians have 3.34 nats.
 */
export default ebmToy({
  name: "toy/ebm-denoising",
  description: "denoising score matching at noise 0.1",
  objective: denoisingScoreMatching({ sigma: 0.1 }),
});
