/** The presets by name. Each is an experiment file like a user's own and is read only when it is trained. */

/** An experiment that can be named on the command line. */
export interface Preset {
  readonly name: string;
  readonly description: string;
  /** The module whose default export is the experiment. */
  load(): Promise<{ readonly default: unknown }>;
}

export const presets: readonly Preset[] = [
  {
    name: "quickstart",
    description: "MNIST digits, latent-space energy-based prior, a few minutes on a CPU",
    load: () => import("./quickstart.js"),
  },
  {
    name: "quickstart/gaussian",
    description: "the same with a fixed Gaussian prior: the baseline of quickstart",
    load: () => import("./quickstart-gaussian.js"),
  },
  {
    name: "latent-prior/mnist",
    description: "all 60,000 MNIST digits, convolutional generator, latent-space energy-based prior",
    load: () => import("./latent-prior-mnist.js"),
  },
  {
    name: "neural-transport/mnist-16",
    description: "MNIST digits at 16 x 16, an energy that tilts a flow, sampled in the flow's noise",
    load: () => import("./neural-transport-mnist-16.js"),
  },
  {
    name: "neural-transport/mnist-28",
    description: "the same at 28 x 28",
    load: () => import("./neural-transport-mnist-28.js"),
  },
  {
    name: "classifier/mnist-lenet",
    description: "a classifier of MNIST digits, in whose features FD-LeNet is computed; minutes on a CPU",
    load: () => import("./classifier-mnist-lenet.js"),
  },
  {
    name: "toy/four-gaussians",
    description: "four Gaussians in the plane, latent-space energy-based prior, identity generator",
    load: () => import("./four-gaussians.js"),
  },
  {
    name: "toy/neural-transport-gaussians",
    description: "eight Gaussians on a circle, flow tilted by an energy",
    load: () => import("./neural-transport-toy-gaussians.js"),
  },
  {
    name: "toy/neural-transport-checkerboard",
    description: "a checkerboard, flow tilted by an energy",
    load: () => import("./neural-transport-toy-checkerboard.js"),
  },
  {
    name: "toy/neural-transport-moons",
    description: "two moons, flow tilted by an energy",
    load: () => import("./neural-transport-toy-moons.js"),
  },
];
