/** `ergodic train latent-prior/ptb --set options.dataFrom=data/ptb` */
import { latentPriorText } from "../../preset-parts/latent-prior-text-table.js";

export default latentPriorText({
  set: "ptb",
  name: "sentences of the Penn Treebank",
  words: 10_000,
  longest: 82,
  embedding: 128,
  hidden: 512,
  sentences: 42_068,
});
