/** `ergodic train cyclecoop/mnist-edges` */
import { mnist } from "@ergodic/data/node";
import { translationToEdges } from "../../preset-parts/translation-edges.js";

export default translationToEdges({
  name: "cyclecoop/mnist-edges",
  about: "MNIST digits to their edges",
  source: mnist,
  dataFrom: "package",
  ...{ iterations: 300, checkpointEvery: 25 },
});
