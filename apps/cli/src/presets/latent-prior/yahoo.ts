/** `ergodic train latent-prior/yahoo --set options.dataFrom=data/yahoo` */
import { latentPriorText } from "../../preset-parts/latent-prior-text-table.js";

export default latentPriorText({
  set: "yahoo",
  name: "answers of Yahoo",
  words: 20_000,
  longest: 200,
  embedding: 512,
  hidden: 1_024,
  sentences: 100_000,
});
