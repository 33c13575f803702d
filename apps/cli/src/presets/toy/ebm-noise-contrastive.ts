/** `ergodic train toy/ebm-noise-contrastive` */
import { gaussianNoise, noiseContrastive } from "@ergodic/objectives";
import { ebmToy } from "../../preset-parts/ebm-toy.js";

export default ebmToy({
  name: "toy/ebm-noise-contrastive",
  description: "noise-contrastive estimation against a Gaussian",
  objective: noiseContrastive({ noise: gaussianNoise({ shape: [2], sd: 2.5 }), ratio: 4 }),
  learningRate: 3e-3,
});
