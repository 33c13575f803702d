/** `ergodic train latent-prior/celeba-128 --set options.dataFrom=data/celeba` */
import { celeba128Decoder } from "@ergodic/generators";
import { latentPriorTable, ofThePaper } from "../../preset-parts/latent-prior-table.js";

export default latentPriorTable({
  set: "celeba-128",
  decoder: celeba128Decoder,
  latentDimension: 100,
  features: 128,
  energyWidth: 1_000,
  energyActivation: "gelu",
  priorSteps: 80,
  posteriorSteps: 40,
  generatorLearningRate: 1e-4,
  energyLearningRate: 2e-5,
  batchSize: 400,
  epochs: 400,
  optimizer: ofThePaper,
});
