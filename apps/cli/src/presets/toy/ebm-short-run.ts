/** `ergodic train toy/ebm-short-run` */
import { shortRunContrastive } from "@ergodic/objectives";
import { langevin } from "@ergodic/samplers";
import { ebmToy, start } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-short-run",
  description: "short runs of 50 steps from noise (arXiv 1904.09770)",
  objective: shortRunContrastive({
    kernel: (energy) => langevin({ energy, stepSize: 0.2 }),
    start,
    steps: 50,
    penalty: 1e-3,
  }),
  learningRate: 2e-3,
});
