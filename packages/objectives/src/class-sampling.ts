/** Samples of one class of a classifier that is an energy. */
import { compile } from "@ergodic/engine";
import { given } from "@ergodic/energies";
import { assertInRange, assertInteger, random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { ofClass, type ClassifierEnergy } from "./classifier-energy.js";
import { compiledChains } from "./compiled-chains.js";
import type { EnergyState } from "./learning.js";
import type { KeptPositions, Sampling } from "./objective.js";
import { CHUNK, sampledFrom } from "./sampling.js";

/**
 * Chains of exp(f_y(x)), which is p(x | y) up to a constant.
 *
 * They start at kept positions, drawn in proportion to p(y | x): where these are draws of p(x), the
 * starts are draws of p(x | y). Without kept positions the starts are fresh.
 */
export function sampledByClass<P extends TensorTree, S extends TensorTree>(
  model: ClassifierEnergy<P>,
  sampling: Sampling<S>,
) {
  type Sampled = Pick<EnergyState<P, S>, "params" | "objective">;
  const conditional = ofClass(model);
  const { kept } = sampling;

  const probability = compile((params: P, x: tf.Tensor, label: tf.Scalar) =>
    tf.gather(tf.softmax(model.logits(params, x)), label, 1),
  );
  const chains = compiledChains(sampling, ({ params, label }: { readonly params: P; readonly label: tf.Scalar }) => {
    const { energy } = given(conditional, label);
    return (x: tf.Tensor) => energy(params, x);
  });

  /** p(y | x) of every kept position. */
  async function weightsOf({ params, objective }: Sampled, { count, at }: KeptPositions<S>, label: tf.Scalar) {
    const weights = new Float32Array(count);
    for (let from = 0; from < count; from += CHUNK) {
      const x = tf.tidy(() => at(objective, tf.range(from, Math.min(count, from + CHUNK), 1, "int32")));
      const part = await probability(params, x, label);
      weights.set(await part.data<"float32">(), from);
      tf.dispose([x, part]);
    }
    return weights;
  }

  return {
    offers: {
      async sampleClass(state: Sampled, label: number, key: Key, n: number): Promise<tf.Tensor> {
        assertInteger({ class: label });
        assertInRange({ class: label }, { min: 0, max: model.classes - 1 }, `the model has ${model.classes} classes`);
        const { params, objective } = state;
        const [placeKey, chainKey] = random.split(key) as [Key, Key];
        const chosen = tf.scalar(label, "int32");
        try {
          const places = kept && drawnPlaces(await weightsOf(state, kept, chosen), { n, key: placeKey });
          const starts = { objective, places, n, key: chainKey };
          return await sampledFrom(sampling, starts, (start, part) =>
            chains.run({ params, label: chosen }, start, part),
          );
        } finally {
          chosen.dispose();
        }
      },
    },
    dispose: () => Promise.all([probability.dispose(), chains.dispose()]),
  };
}

/**
 * `n` places drawn in proportion to weights from 0 to 1, int32 `[n]`: different ones, up to as many
 * as the sum of the weights, which then come again in the same order.
 *
 * The largest of log w + Gumbel noise are draws without replacement.
 */
function drawnPlaces(weights: Float32Array, { n, key }: { readonly n: number; readonly key: Key }): tf.Tensor1D {
  const ranks = random.host.uniform(key, weights.length).map((u, i) => Math.log(weights[i]!) - Math.log(-Math.log(u)));
  const order = Int32Array.from(weights, (_, i) => i).sort((a, b) => ranks[b]! - ranks[a]!);
  const different = Math.max(1, Math.round(weights.reduce((sum, w) => sum + w, 0)));
  return tf.tensor1d(
    Int32Array.from({ length: n }, (_, i) => order[i % different]!),
    "int32",
  );
}
