/**
 * A score network for many noise levels, and annealed Langevin dynamics: Song and Ermon,
 * "Generative Modeling by Estimating Gradients of the Data Distribution", arXiv 1907.05600.
 *
 * A learner written from scratch. The network s(x, σ) learns the score of the data with noise σ by
 * denoising score matching, ½ E |σ s(x + σξ, σ) + ξ|².
 *
 *     npx ergodic train ./examples/ncsn.ts
 */
import { twoMoons, type PointBatch } from "@ergodic/data";
import { compile, tidy, valueAndGrad } from "@ergodic/engine";
import { adam, mlp } from "@ergodic/nn";
import { random, readScalars, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { defineExperiment, type Learner } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

const options = z.object({
  width: z.number().int().min(1).default(128),
  levels: z.number().int().min(2).default(10),
  /** Steps of a sample at each level. */
  steps: z.number().int().min(1).default(20),
  /** ε of the step sizes ε (σ/σ_least)². */
  stepSize: z.number().positive().default(5e-4),
});

type State = { readonly params: TensorTree; readonly optimizer: TensorTree };

function scoreLearner({ width, levels, steps, stepSize }: z.output<typeof options>): Learner<State, PointBatch> {
  /** A geometric ladder from 2 to 0.03. */
  const sigmas = Array.from({ length: levels }, (_, i) => 2 * (0.03 / 2) ** (i / (levels - 1)));
  const network = mlp({ in: 3, widths: [width, width], out: 2, activation: "swish" });
  const optimizer = adam({ learningRate: 1e-3 });
  type Params = ReturnType<typeof network.init>;
  type Moments = ReturnType<typeof optimizer.init>;

  /** s(x, σ), with σ `[n, 1]`. The network sees log σ, and its output is divided by σ. */
  const score = (params: Params, x: tf.Tensor, sigma: tf.Tensor): tf.Tensor =>
    tf.div(network.apply(params, tf.concat([x, tf.log(sigma)], 1)), sigma);

  const update = compile((state: State, x: tf.Tensor, key: Key) => {
    const [levelKey, noiseKey] = random.split(key);
    const n = x.shape[0]!;
    const chosen = random.integers(levelKey, [n], { high: levels });
    const sigma = tf.expandDims(tf.gather(tf.tensor1d(sigmas), chosen), 1);
    const noise = random.normal(noiseKey, x.shape);
    const noisy = tf.add(x, tf.mul(sigma, noise));
    const loss = (params: Params): tf.Tensor => {
      const error = tf.add(tf.mul(sigma, score(params, noisy, sigma)), noise);
      return tf.mul(0.5, tf.mean(tf.sum(tf.square(error), 1)));
    };
    const { value, grad } = valueAndGrad(loss)(state.params as Params);
    const next = optimizer.update(state.params as Params, grad, state.optimizer as Moments);
    return { state: { params: next.params, optimizer: next.state }, metrics: { loss: value } };
  });

  /** Steps x' = x + α/2 s(x, σ) + √α ξ at one level. */
  const walk = compile((params: TensorTree, x: tf.Tensor, sigma: tf.Tensor, key: Key) => {
    const alpha = tf.mul(stepSize, tf.square(tf.div(sigma, sigmas.at(-1)!)));
    const column = tf.mul(sigma, tf.ones([x.shape[0]!, 1]));
    return random.split(key, steps).reduce<tf.Tensor>((at, stepKey) => {
      const drift = tf.mul(tf.mul(0.5, alpha), score(params as Params, at, column));
      return tf.add(tf.add(at, drift), tf.mul(tf.sqrt(alpha), random.normal(stepKey, at.shape)));
    }, x);
  });

  return {
    init: async (key) => {
      const params = network.init(key);
      return { params, optimizer: optimizer.init(params) };
    },
    async update(state, { points }, { key }) {
      const { state: next, metrics } = await update(state, points, key);
      return { state: next, metrics: await readScalars(metrics) };
    },
    data: ({ points }) => points,
    /** From wide noise down the ladder. */
    async sample({ params }, key, n) {
      let x: tf.Tensor = random.normal(random.fold(key, levels), [n, 2], { sd: 2 });
      for (const [i, sigma] of sigmas.entries()) {
        const level = tidy(() => tf.scalar(sigma));
        const next = await walk(params, x, level, random.fold(key, i));
        tree.dispose([x, level]);
        x = next;
      }
      return x;
    },
    describe: () => `scores at ${levels} noise levels`,
    async dispose() {
      await Promise.all([update.dispose(), walk.dispose()]);
    },
  };
}

export default defineExperiment({
  name: "ncsn",
  description: "two moons, scores at falling noise and annealed Langevin dynamics",
  options,
  data: twoMoons({ noise: 0.05 }).source({ size: 51_200 }),
  model: scoreLearner,
  training: { iterations: 3_000, batchSize: 256, averaging: 0.99, sampleCount: 1_000 },
});
