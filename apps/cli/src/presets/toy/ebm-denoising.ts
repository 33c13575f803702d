/** `ergodic train toy/ebm-denoising` */
import { denoisingScoreMatching } from "@ergodic/objectives";
import { ebmToy, fallingNoise } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-denoising",
  description: "denoising score matching at falling noise",
  objective: (set) => denoisingScoreMatching({ sigma: fallingNoise(set) }),
  iterations: 4_000,
});
