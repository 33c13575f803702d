/** `ergodic train toy/ebm-flow-contrastive` */
import { realNvp } from "@ergodic/flows";
import { adam, clipped } from "@ergodic/nn";
import { flowContrastive } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-flow-contrastive",
  description: "noise-contrastive estimation against a flow that learns too (arXiv 1912.00589)",
  objective: () =>
    flowContrastive({
      flow: realNvp({ features: 2, couplings: 4 }),
      optimizer: clipped(adam({ learningRate: 1e-3 }), { maxNorm: 10 }),
      ratio: 4,
    }),
});
