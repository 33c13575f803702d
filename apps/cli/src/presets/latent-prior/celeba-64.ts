/** `ergodic train latent-prior/celeba-64 --set options.dataFrom=data/celeba` */
import { celeba64Decoder } from "@ergodic/generators";
import { latentPriorTable, ofReimplementations } from "../../preset-parts/latent-prior-table.js";

export default latentPriorTable({
  set: "celeba-64",
  decoder: celeba64Decoder,
  latentDimension: 100,
  features: 128,
  energyWidth: 200,
  energyActivation: "leakyRelu",
  priorSteps: 60,
  posteriorSteps: 40,
  generatorLearningRate: 2e-4,
  energyLearningRate: 1e-4,
  batchSize: 128,
  // No number is published; this is that of SVHN.
  epochs: 201,
  optimizer: ofReimplementations,
});
