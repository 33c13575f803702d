/** `ergodic train latent-prior/cifar10 --set options.dataFrom=data/cifar10` */
import { cifar10Decoder } from "@ergodic/generators";
import { latentPriorTable, reimplementation } from "../../preset-parts/latent-prior-table.js";

export default latentPriorTable({
  ...reimplementation,
  set: "cifar10",
  decoder: cifar10Decoder,
  latentDimension: 128,
  features: 128,
});
