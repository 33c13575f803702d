/** `ergodic train toy/ebm-energy-discrepancy` */
import { energyDiscrepancy } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-energy-discrepancy",
  description: "energy discrepancy (arXiv 2307.06431)",
  objective: () => energyDiscrepancy({ time: 1, negatives: 8 }),
});
