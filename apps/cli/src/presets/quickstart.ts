/** `ergodic train quickstart` */
import { quickstart } from "../preset-parts/quickstart.js";

export default quickstart({
  name: "quickstart",
  description: "MNIST digits from a generator with a latent-space energy-based prior (arXiv 2006.08205), reduced",
  tilted: true,
});
