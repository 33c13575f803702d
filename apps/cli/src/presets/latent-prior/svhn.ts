/** `ergodic train latent-prior/svhn --set options.dataFrom=data/svhn` */
import { svhn32Decoder } from "@ergodic/generators";
import { latentPriorTable, ofThePaper } from "../../preset-parts/latent-prior-table.js";

export default latentPriorTable({
  set: "svhn",
  decoder: svhn32Decoder,
  latentDimension: 100,
  features: 64,
  energyWidth: 200,
  energyActivation: "gelu",
  priorSteps: 60,
  posteriorSteps: 20,
  generatorLearningRate: 1e-4,
  energyLearningRate: 2e-5,
  batchSize: 100,
  epochs: 201,
  optimizer: ofThePaper,
});
