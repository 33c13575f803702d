/** `ergodic train toy/ebm-sliced-score-matching` */
import { slicedScoreMatching } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

/** Like exact score matching, it does not see what modes far apart weigh. */
export default ebmToy({
  name: "toy/ebm-sliced-score-matching",
  description: "sliced score matching (arXiv 1905.07088)",
  objective: () => slicedScoreMatching(),
  learningRate: 2e-3,
});
