/** `ergodic train toy/ebm-contrastive-divergence` */
import { contrastiveDivergence } from "@ergodic/objectives";
import { ebmToy, local } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-contrastive-divergence",
  description: "contrastive divergence with 20 steps",
  objective: (set) => contrastiveDivergence({ kernel: local(set), steps: 20, penalty: 1e-3 }),
});
