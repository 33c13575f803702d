/** `ergodic train toy/ebm-sliced-score-matching` */
import { slicedScoreMatching } from "@ergodic/objectives";
import { ebmToy, fallingNoise } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-sliced-score-matching",
  description: "sliced score matching at falling noise (arXiv 1905.07088)",
  objective: (set) => slicedScoreMatching({ projections: 4, dataNoise: fallingNoise(set) }),
});
