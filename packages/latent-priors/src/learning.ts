/**
 * One learning iteration, as a pure function.
 *
 * Both chains run under the parameters before the update (Algorithm 1 of arXiv 2006.08205), then
 *   the generator descends  mean -log p(x | g(z⁺)),
 *   the tilt descends       mean E(z⁺) - mean E(z⁻)        with z⁺ from the posterior and z⁻ from the prior chain.
 * Nothing is back-propagated through a chain.
 */
import * as tf from "@tensorflow/tfjs-core";
import { perPart, refreshed, skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import { chainsOf, type LatentPriorParams } from "./chains.js";
import type { ResolvedOptions } from "./options.js";

export type LatentPriorState<G extends TensorTree, E extends TensorTree> = {
  readonly params: LatentPriorParams<G, E>;
  readonly optimizer: SkipUnsoundState<TensorTree>;
};

/** Scalars of one iteration; names as they appear in the metrics log. */
export type LatentPriorMetrics = Readonly<Record<string, tf.Tensor>>;

const standardDeviation = (z: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.square(tf.sub(z, tf.mean(z)))));

/** The optimiser of all parameters: one for each part, and no part moves where a gradient is not finite. */
export function jointOptimizer<G extends TensorTree, E extends TensorTree, Batch>({
  energy,
  optimizers: { generator, energy: ofEnergy },
}: ResolvedOptions<G, E, Batch>): Optimizer<SkipUnsoundState<TensorTree>> {
  const parts: Readonly<Record<string, Optimizer>> =
    energy === undefined ? { generator } : { generator, energy: ofEnergy };
  return skipUnsound(perPart(parts) as Optimizer);
}

export function learningStep<G extends TensorTree, E extends TensorTree, Batch>(options: ResolvedOptions<G, E, Batch>) {
  const { generator, energy, observation } = options;
  const chains = chainsOf(options);
  const optimizer = jointOptimizer(options);
  type Params = LatentPriorParams<G, E>;

  return (
    state: LatentPriorState<G, E>,
    x: tf.Tensor,
    key: Key,
  ): { state: LatentPriorState<G, E>; metrics: LatentPriorMetrics } => {
    const { params } = state;
    const [posteriorKey, priorKey] = random.split(key, 2) as [Key, Key];
    const positive = chains.samplePosterior(params, x, posteriorKey);

    const surprise = (g: G): readonly [tf.Tensor, tf.Tensor] => {
      const y = generator.apply(g, positive);
      return [tf.neg(tf.mean(observation.logDensity(y, x))), tf.mean(observation.error(y, x))];
    };
    const fit = trainedGradient(surprise, { hasAux: true })(params.generator);
    const shared: LatentPriorMetrics = {
      reconstruction: fit.aux,
      latentStdPositive: standardDeviation(positive),
      latentMaxPositive: tf.max(tf.abs(positive)),
    };
    const learned = (grads: Trained<Params>, metrics: LatentPriorMetrics) => {
      const next = optimizer.update(params, grads, state.optimizer);
      const moved: Params = {
        generator: refreshed(generator, next.params.generator, positive),
        ...(energy && { energy: refreshed(energy, next.params.energy!, positive) }),
      };
      return {
        state: { params: moved, optimizer: next.state },
        metrics: { ...shared, ...metrics, ...optimizer.metrics!(next.state) },
      };
    };
    if (energy === undefined) return learned({ generator: fit.grad } as Trained<Params>, {});

    const negative = chains.samplePrior(params, x.shape[0]!, priorKey);
    const contrast = (e: E): readonly [tf.Tensor, { positive: tf.Tensor; negative: tf.Tensor }] => {
      const means = { positive: tf.mean(energy.energy(e, positive)), negative: tf.mean(energy.energy(e, negative)) };
      return [tf.sub(means.positive, means.negative), means];
    };
    const tilt = trainedGradient(contrast, { hasAux: true })(params.energy!);
    return learned({ generator: fit.grad, energy: tilt.grad } as Trained<Params>, {
      energyPositive: tilt.aux.positive,
      energyNegative: tilt.aux.negative,
      energyGap: tilt.value,
      latentStdNegative: standardDeviation(negative),
      latentMaxNegative: tf.max(tf.abs(negative)),
    });
  };
}
