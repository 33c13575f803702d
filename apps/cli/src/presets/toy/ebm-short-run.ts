/** `ergodic train toy/ebm-short-run` */
import { shortRunContrastive } from "@ergodic/objectives";
import { ebmToy, kernel, start } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-short-run",
  description: "short runs of 100 steps from noise (arXiv 1904.09770)",
  objective: shortRunContrastive({ kernel, start, steps: 100, penalty: 1e-3 }),
});
