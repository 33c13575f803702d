/**
 * One learning iteration, as a pure function.
 *
 * Both chains run under the parameters before the update (Algorithm 1 of arXiv 2006.08205), then
 *   the generator descends  (1/m) Σ |x - g(z⁺)|²           (summed over pixels; without 1/(2σ²), which Adam ignores),
 *   the tilt descends       mean E(z⁺) - mean E(z⁻)        with z⁺ from the posterior and z⁻ from the prior chain.
 * Nothing is back-propagated through a chain.
 */
import * as tf from "@tensorflow/tfjs-core";
import { valueAndGrad } from "@ergodic/engine";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { chainsOf, type LatentPriorParams } from "./chains.js";
import { squaredError } from "./densities.js";
import type { ResolvedOptions } from "./options.js";

export type LatentPriorState<G extends TensorTree, E extends TensorTree> = {
  readonly params: LatentPriorParams<G, E>;
  readonly optimizers: { readonly generator: TensorTree; readonly energy?: TensorTree };
};

/** Scalars of one iteration; names as they appear in the metrics log. */
export type LatentPriorMetrics = Readonly<Record<string, tf.Tensor>>;

const standardDeviation = (z: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.square(tf.sub(z, tf.mean(z)))));

export function learningStep<G extends TensorTree, E extends TensorTree, Batch>(options: ResolvedOptions<G, E, Batch>) {
  const { generator, energy, optimizers } = options;
  const chains = chainsOf(options);

  return (
    state: LatentPriorState<G, E>,
    image: tf.Tensor,
    key: Key,
  ): { state: LatentPriorState<G, E>; metrics: LatentPriorMetrics } => {
    const { params } = state;
    const [posteriorKey, priorKey] = random.split(key, 2) as [Key, Key];
    const positive = chains.samplePosterior(params, image, posteriorKey);

    const reconstructionLoss = (g: G): tf.Tensor => tf.mean(squaredError(image, generator.apply(g, positive)));
    const fit = valueAndGrad(reconstructionLoss)(params.generator);
    const generated = optimizers.generator.update(params.generator, fit.grad, state.optimizers.generator);
    const shared: LatentPriorMetrics = {
      reconstruction: tf.div(fit.value, image.size / image.shape[0]!),
      latentStdPositive: standardDeviation(positive),
      latentMaxPositive: tf.max(tf.abs(positive)),
    };
    if (energy === undefined) {
      return {
        state: { params: { generator: generated.params }, optimizers: { generator: generated.state } },
        metrics: shared,
      };
    }

    const negative = chains.samplePrior(params, image.shape[0]!, priorKey);
    const contrast = (e: E): readonly [tf.Tensor, { positive: tf.Tensor; negative: tf.Tensor }] => {
      const means = { positive: tf.mean(energy.energy(e, positive)), negative: tf.mean(energy.energy(e, negative)) };
      return [tf.sub(means.positive, means.negative), means];
    };
    const tilt = valueAndGrad(contrast, { hasAux: true })(params.energy!);
    const tilted = optimizers.energy.update(params.energy!, tilt.grad, state.optimizers.energy!);
    return {
      state: {
        params: { generator: generated.params, energy: tilted.params },
        optimizers: { generator: generated.state, energy: tilted.state },
      },
      metrics: {
        ...shared,
        energyPositive: tilt.aux.positive,
        energyNegative: tilt.aux.negative,
        energyGap: tilt.value,
        latentStdNegative: standardDeviation(negative),
        latentMaxNegative: tf.max(tf.abs(negative)),
      },
    };
  };
}
