/** `ergodic train latent-prior/celeba-64 --set options.dataFrom=data/celeba` */
import { celeba64Decoder } from "@ergodic/generators";
import { latentPriorTable, reimplementation } from "../../preset-parts/latent-prior-table.js";

export default latentPriorTable({
  ...reimplementation,
  set: "celeba-64",
  decoder: celeba64Decoder,
  latentDimension: 100,
  features: 128,
});
