/** `ergodic train toy/ebm-score-matching` */
import { exactScoreMatching } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

/**
 * Scores do not tell what modes far apart weigh; only the smoothness of the network does. The
 * checkerboard has no score at its edges; the network learns smooth ones.
 */
export default ebmToy({
  name: "toy/ebm-score-matching",
  description: "score matching with the exact trace",
  objective: () => exactScoreMatching(),
  learningRate: 2e-3,
});
