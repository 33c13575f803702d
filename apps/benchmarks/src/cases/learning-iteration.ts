/** One whole learning iteration of the quickstart model: both chains, both gradients, both Adam updates, and the metrics read back. */
import type * as tf from "@tensorflow/tfjs-core";
import { mlpEnergy } from "@ergodic/energies";
import { mlpDecoder } from "@ergodic/generators";
import { latentPrior } from "@ergodic/latent-priors";
import { adam } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import { milliseconds, type Case } from "../case.js";

const BATCH = 100;

export const learningIteration: Case = {
  name: "learning-iteration",
  title: "learning iteration of the quickstart model, batch 100 of 28x28",
  unit: milliseconds,
  engines: ["onnx", "cpu"],
  calls: 3,
  async prepare() {
    const learner = latentPrior({
      generator: mlpDecoder({ latentDimension: 16, widths: [128, 256], outputShape: [28, 28, 1] }),
      energy: mlpEnergy({ in: 16, widths: [64, 64], activation: "leakyRelu" }),
      optimizers: { generator: adam({ learningRate: 3e-4 }), energy: adam({ learningRate: 1e-4 }) },
      sigma: 0.3,
      prior: { steps: 60, stepSize: 0.4 },
      posterior: { steps: 20, stepSize: 0.1 },
      observe: (images: tf.Tensor) => images,
    });
    const [initKey, imagesKey, root] = random.split(random.key("learning iteration"), 3);
    const images = random.uniform(imagesKey!, [BATCH, 28, 28, 1], { low: -1, high: 1 });
    let state = await learner.init(initKey!, images);
    let iteration = 0;
    return {
      async call() {
        const { state: next, metrics } = await learner.update(state, images, random.fold(root!, iteration++));
        tree.dispose(state);
        state = next;
        return metrics["reconstruction"]!;
      },
    };
  },
};
