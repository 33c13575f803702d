/** `ergodic train toy/ebm-score-matching` */
import { exactScoreMatching } from "@ergodic/objectives";
import { ebmToy, fallingNoise } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-score-matching",
  description: "score matching with the exact trace, at falling noise",
  objective: (set) => exactScoreMatching({ dataNoise: fallingNoise(set) }),
});
