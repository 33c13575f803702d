/** `ergodic train toy/ebm-short-run` */
import { exponentialDecay } from "@ergodic/nn";
import { shortRunContrastive } from "@ergodic/objectives";
import { langevin } from "@ergodic/samplers";
import { ebmToy, start } from "../../preset-parts/ebm-toy.js";

const steps = 50;

/** Steps begin large, to reach the modes, and end small, for the shape of a mode. */
export default ebmToy({
  name: "toy/ebm-short-run",
  description: `short runs of ${steps} steps from noise (arXiv 1904.09770)`,
  objective: shortRunContrastive({
    kernel: (energy) => langevin({ energy, stepSize: exponentialDecay({ initial: 0.5, factor: 0.2, every: steps }) }),
    start,
    steps,
    penalty: 1e-3,
  }),
  learningRate: 2e-3,
});
