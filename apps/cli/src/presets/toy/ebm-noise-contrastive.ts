/** `ergodic train toy/ebm-noise-contrastive` */
import { noiseContrastive } from "@ergodic/objectives";
import { ebmToy, wide } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-noise-contrastive",
  description: "noise-contrastive estimation against a Gaussian",
  objective: () => noiseContrastive({ noise: wide, ratio: 4 }),
});
