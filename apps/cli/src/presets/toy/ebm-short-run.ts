/** `ergodic train toy/ebm-short-run` */
import { shortRunContrastive } from "@ergodic/objectives";
import { ebmToy, jumping, wide } from "../../preset-parts/ebm-toy.js";

const steps = 10;

/** Jumps bring chains from the noise to the modes within few steps. */
export default ebmToy({
  name: "toy/ebm-short-run",
  description: `short runs of ${steps} steps from noise (arXiv 1904.09770)`,
  objective: (set) => shortRunContrastive({ kernel: jumping(set), start: wide.sample, steps, penalty: 1e-3 }),
});
