/** `ergodic train latent-prior/cifar10 --set options.dataFrom=data/cifar10` */
import { cifar10Decoder } from "@ergodic/generators";
import { latentPriorTable, ofReimplementations } from "../../preset-parts/latent-prior-table.js";

export default latentPriorTable({
  set: "cifar10",
  decoder: cifar10Decoder,
  latentDimension: 128,
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
