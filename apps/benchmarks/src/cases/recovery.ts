/**
 * Diffusion recovery likelihood with a small network: 32 channels, one block at each resolution.
 *
 * The network is that of arXiv 2012.08125 with spectral normalisation: the gradient of an energy
 * with respect to its input, as in chains, and a whole iteration with 30 Langevin steps.
 */
import { compile, grad } from "@ergodic/engine";
import { wideResidualEnergy, type WideResidualParams } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { recoveryLikelihood } from "@ergodic/recovery-likelihood";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { milliseconds, repeatable, type Case } from "../case.js";
import { iterated } from "../iterated.js";
import { fixedInput, fixedLike } from "../numbers.js";

const BATCH = 16;
const shape = [32, 32, 3] as const;
const model = wideResidualEnergy({ imageShape: shape, channels: 32, multipliers: [1, 2, 2, 2], blocks: 1 });

const images = (batch = BATCH): tf.Tensor => fixedInput(0, [batch, ...shape], 1);
/** The levels 0 .. 5, in turn. */
const levels = (): tf.Tensor1D => tf.tensor1d(Array.from({ length: BATCH }, (_, i) => i % 6));

/** The gradient at fixed images and levels. */
function slopes(params: WideResidualParams): () => Promise<TensorTree> {
  const slope = compile((p: WideResidualParams, x: tf.Tensor, time: tf.Tensor) =>
    grad((at: tf.Tensor) => tf.sum(model.energy(p, at, time)))(x),
  );
  const [x, time] = [images(), levels()];
  return async () => [await slope(params, x, time)];
}

export const recoveryGradient: Case = {
  name: "recovery-gradient",
  title: "input gradient of 16x32x32x3, wide residual energy of 32 channels with spectral normalisation",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  async prepare() {
    const like = model.init(random.key(0));
    const params = fixedLike(like as TensorTree) as WideResidualParams;
    tree.dispose(like as TensorTree);
    return Promise.resolve(repeatable(slopes(params)));
  },
};

/** Updates by recovery likelihood on `batch` images. */
export async function recoveryUpdates(batch: number) {
  const learner = recoveryLikelihood({
    model,
    optimizer: adam({ learningRate: 1e-4 }),
    observe: (seen: tf.Tensor) => seen,
    shape,
    // Fixed weights are no start for learning.
    limits: { drift: 1e30, position: 1e30 },
  });
  return iterated(learner, images(batch), { key: random.key("recovery iteration"), metric: "loss" });
}

export const recoveryIteration: Case = {
  name: "recovery-iteration",
  title: "learning iteration of the same by recovery likelihood, 30 Langevin steps",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  async prepare() {
    const updates = await recoveryUpdates(BATCH);
    return {
      call: updates.call,
      check: async () => tree.leaves(await slopes(updates.params().energy)()),
    };
  },
};
