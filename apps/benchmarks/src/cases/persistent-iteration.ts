/**
 * A whole learning iteration of a convolutional energy by persistent contrastive divergence.
 *
 * It draws chains from a replay buffer, runs them, writes them back, makes the Adam step and reads
 * the metrics. `objectives` compiles all of it as one program.
 */
import { compile } from "@ergodic/engine";
import { networkEnergy } from "@ergodic/energies";
import { adam, clipped, conv2d, dense, flatten, sequential, swish } from "@ergodic/nn";
import { energyLearner, persistentContrastive } from "@ergodic/objectives";
import { langevin, replayBuffer, runSteps, type Energy } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { milliseconds, type Case } from "../case.js";
import { iterated } from "../iterated.js";
import { fixedInput } from "../numbers.js";

const BATCH = 64;
const STEPS = 60;

const model = networkEnergy(
  sequential<readonly TensorTree[]>(
    conv2d({ in: 1, out: 16, kernel: 5, stride: 2, padding: 2 }),
    swish(),
    conv2d({ in: 16, out: 32, kernel: 3, stride: 2, padding: 1 }),
    swish(),
    conv2d({ in: 32, out: 64, kernel: 3, stride: 2, padding: 1 }),
    swish(),
    conv2d({ in: 64, out: 64, kernel: 3, stride: 2, padding: 1 }),
    swish(),
    flatten(),
    dense({ in: 2 * 2 * 64, out: 1 }),
  ),
);

const kernel = (energy: Energy, { withNoise = true } = {}) =>
  langevin({ energy, drift: 10, noise: 0.005, withNoise, gradientClip: { limit: 0.03 }, clamp: [-1, 1] });

/** The chains of an update without noise, from given starts. */
function descent(params: readonly TensorTree[]): Promise<readonly tf.Tensor[]> {
  const descend = compile((p: readonly TensorTree[], start: tf.Tensor, key: Key) => [
    runSteps(
      kernel((x) => model.energy(p, x), { withNoise: false }),
      start,
      { steps: STEPS, key },
    ).position,
  ]);
  return descend(params, fixedInput(1, [BATCH, 28, 28, 1], 1), random.key(0));
}

export const persistentIteration: Case = {
  name: "persistent-iteration",
  title: "learning iteration of a swish energy of 28x28 by 60 steps of 64 persistent chains",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  async prepare() {
    const images = fixedInput(0, [BATCH, 28, 28, 1], 1);
    const learner = energyLearner({
      model,
      objective: persistentContrastive({
        kernel,
        steps: STEPS,
        buffer: replayBuffer({
          size: 8_192,
          start: (key, n) => random.uniform(key, [n, 28, 28, 1], { low: -1, high: 1 }),
          reinitialise: 0.05,
        }),
        penalty: 0.1,
        dataNoise: 0.005,
      }),
      optimizer: clipped(adam({ learningRate: 1e-4, beta1: 0 }), { maxNorm: 0.1 }),
      observe: (batch: tf.Tensor) => batch,
    });
    const updates = await iterated(learner, images, {
      key: random.key("persistent iteration"),
      metric: "energyNegative",
    });
    return { call: updates.call, check: () => descent(updates.params()) };
  },
};
