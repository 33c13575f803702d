/** `ergodic train cyclecoop/fashion-edges` */
import { fashionMnist } from "@ergodic/data/node";
import { translationToEdges } from "../../preset-parts/translation-edges.js";

export default translationToEdges({
  name: "cyclecoop/fashion-edges",
  about: "Fashion-MNIST to its edges",
  source: fashionMnist,
  dataFrom: "data/fashion-mnist",
  ...{ iterations: 600, checkpointEvery: 50 },
});
