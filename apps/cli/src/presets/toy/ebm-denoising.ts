/** `ergodic train toy/ebm-denoising` */
import { denoisingScoreMatching } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-denoising",
  description: "denoising score matching at noise 0.1",
  objective: denoisingScoreMatching({ sigma: 0.1 }),
});
