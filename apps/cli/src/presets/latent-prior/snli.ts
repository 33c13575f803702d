/** `ergodic train latent-prior/snli --set options.dataFrom=data/snli` */
import { latentPriorText } from "../../preset-parts/latent-prior-text-table.js";

export default latentPriorText({
  set: "snli",
  name: "sentences of SNLI",
  words: 11_000,
  longest: 30,
  embedding: 256,
  hidden: 256,
  sentences: 714_667,
});
