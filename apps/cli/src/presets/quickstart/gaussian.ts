/** `ergodic train quickstart/gaussian`: the baseline of the energy-based prior. */
import { quickstart } from "../../preset-parts/quickstart.js";

export default quickstart({
  name: "quickstart/gaussian",
  description: "MNIST digits from a generator with a fixed Gaussian prior, the baseline of quickstart",
  tilted: false,
});
