/**
 * One learning iteration, as a pure function.
 *
 * Both chains run under the parameters before the update (Algorithm 1 of arXiv 2006.08205). With z⁺
 * from the posterior chain and z⁻ from the prior chain, these descents follow:
 *   the generator  mean -log p(x | g(z⁺)),
 *   the tilt       mean E(z⁺) - mean E(z⁻),
 *   the base law   mean -log p0(z⁺) - mean -log p0(z⁻), where it has parameters (arXiv 2306.06323),
 *   inference      mean -log q(z⁺ | x), where there is an inference model.
 * Without a tilt the base law is the prior, and the mean of the gradient of -log p0 over its own
 * draws is zero. The term with z⁻ is then left out. No gradient passes through a chain.
 *
 * Chains use the networks in evaluation. The losses pass `learning` to them: each loss draws from a
 * key of its own, and batch normalisation takes the statistics of z⁺ and of z⁻ apart. Fixed members
 * are refreshed after the update, with z⁺.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  perPart,
  refreshed,
  skipUnsound,
  trainedGradient,
  type Learning,
  type NoParams,
  type Optimizer,
  type SkipUnsoundState,
} from "@ergodic/nn";
import type { InferenceModel } from "@ergodic/generators";
import { random, tree, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import { baseParams, latentChains, type LatentPriorParams } from "./chains.js";
import { evidenceBound, type Backbone } from "./evidence-bound.js";
import { examplesIn } from "./examples.js";
import type { ResolvedOptions } from "./options.js";

export type LatentPriorState<G extends TensorTree, E extends TensorTree, L extends TensorTree = NoParams> = {
  readonly params: LatentPriorParams<G, E, L>;
  readonly optimizer: SkipUnsoundState<TensorTree>;
};

/**
 * Scalars of one iteration, under the names of the metrics log. Metrics of latents with several
 * layers have one entry for each layer, such as `latentStdPositive.top`.
 */
export type LatentPriorMetrics = Readonly<Record<string, tf.Tensor>>;

const standardDeviation = (z: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.square(tf.sub(z, tf.mean(z)))));

/**
 * Standard deviation and largest size of latents, layer by layer. `sign` ends the names: "Positive"
 * or "Negative".
 */
export function spread(z: TensorTree, sign: string): LatentPriorMetrics {
  const layers = tree.leaves(z);
  return Object.fromEntries(
    tree.paths(z).flatMap((path, i) => {
      const layer = path === "" ? "" : `.${path}`;
      return [
        [`latentStd${sign}${layer}`, standardDeviation(layers[i]!)],
        [`latentMax${sign}${layer}`, tf.max(tf.abs(layers[i]!))],
      ] as const;
    }),
  );
}

/**
 * The optimiser of all parameters: one for each part. No part moves where a gradient is not finite.
 *
 * @param given `tilt` false leaves the tilt out.
 */
export function jointOptimizer<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(
  { energy, latents, inference, optimizers }: ResolvedOptions<G, E, Batch, X, Z, L, Y>,
  { tilt = true }: { readonly tilt?: boolean } = {},
): Optimizer<SkipUnsoundState<TensorTree>> {
  const parts: Readonly<Record<string, Optimizer>> = {
    generator: optimizers.generator,
    ...(energy && tilt && { energy: optimizers.energy }),
    ...(latents.init && { latents: optimizers.latents! }),
    ...(inference && { inference: optimizers.inference! }),
  };
  return skipUnsound(perPart(parts) as Optimizer);
}

/** Keys of an iteration's parts. The first is that of the posterior chain. */
const keyCount = 7;

/** The key of an iteration's posterior chain. */
export const posteriorKey = (key: Key): Key => random.split(key, keyCount)[0]!;

/**
 * The iteration. The posterior chain is a part of it, unless `positive` has its latents: those of
 * {@link posteriorKey}.
 */
export function learningStep<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(options: ResolvedOptions<G, E, Batch, X, Z, L, Y>) {
  const { generator, energy, latents, inference, observation } = options;
  const chains = latentChains(options);
  const optimizer = jointOptimizer(options);
  type Params = LatentPriorParams<G, E, L>;
  type Means = { readonly positive: tf.Tensor; readonly negative: tf.Tensor };

  /** The gradient of mean U(z⁺) - mean U(z⁻) for one part U of the prior's energy. */
  const contrast = <P extends TensorTree>(
    of: (params: P, z: Z, learning: Learning) => tf.Tensor1D,
    params: P,
    { positive, negative }: { readonly positive: Z; readonly negative: Z },
    key: Key,
  ) => {
    const loss = (p: P): readonly [tf.Tensor, Means] => {
      const means = {
        positive: tf.mean(of(p, positive, { key: random.fold(key, 0) })),
        negative: tf.mean(of(p, negative, { key: random.fold(key, 1) })),
      };
      return [tf.sub(means.positive, means.negative), means];
    };
    return trainedGradient(loss, { hasAux: true })(params);
  };

  return (
    state: LatentPriorState<G, E, L>,
    x: X,
    key: Key,
    positive: Z = chains.samplePosterior(state.params, x, posteriorKey(key)),
  ): { state: LatentPriorState<G, E, L>; metrics: LatentPriorMetrics } => {
    const { params } = state;
    const [, priorKey, generatorKey, energyKey, latentsKey, observationKey, inferenceKey] = random.split(
      key,
      keyCount,
    ) as Key[];
    const surprise = (g: G): readonly [tf.Tensor, tf.Tensor] => {
      const y = generator.apply(g, positive, { key: generatorKey! });
      const logDensity = observation.logDensity(y, x, { key: observationKey! });
      return [tf.neg(tf.mean(logDensity)), tf.mean(observation.error(y, x))];
    };
    const fit = trainedGradient(surprise, { hasAux: true })(params.generator);
    const followed =
      inference &&
      trainedGradient((q: TensorTree) => tf.mean(inference.energy(q, positive, x, { key: inferenceKey! })))(
        params.inference!,
      );
    const shared: LatentPriorMetrics = {
      reconstruction: fit.aux,
      ...(followed && { inferenceEnergy: followed.value }),
      ...spread(positive, "Positive"),
    };
    const learned = (parts: Readonly<Record<string, unknown>>, metrics: LatentPriorMetrics) => {
      const grads = { ...parts, generator: fit.grad, ...(followed && { inference: followed.grad }) };
      const next = optimizer.update(params, grads as unknown as Trained<Params>, state.optimizer);
      const moved: Params = {
        generator: refreshed(generator, next.params.generator, positive),
        ...(energy && { energy: refreshed(energy, next.params.energy!, positive) }),
        ...(latents.init && { latents: refreshed(latents, next.params.latents!, positive) }),
        ...(inference && { inference: refreshed(inference, next.params.inference!, { x, z: positive }) }),
      };
      return {
        state: { params: moved, optimizer: next.state },
        metrics: { ...shared, ...metrics, ...optimizer.metrics!(next.state) },
      };
    };
    const base = (p: L, z: Z, learning: Learning) => latents.energy(p, z, learning);

    if (energy === undefined) {
      if (latents.init === undefined) return learned({}, {});
      const loss = (p: L): tf.Tensor => tf.mean(base(p, positive, { key: latentsKey! }));
      const { value, grad } = trainedGradient(loss)(baseParams(params));
      return learned({ latents: grad }, { baseEnergyPositive: value });
    }

    const ends = { positive, negative: chains.samplePrior(params, examplesIn("the observation", x), priorKey!) };
    const tilt = contrast((p: E, z, learning) => energy.energy(p, z, learning), params.energy!, ends, energyKey!);
    const hierarchy = latents.init && contrast(base, baseParams(params), ends, latentsKey!);
    return learned(
      { energy: tilt.grad, ...(hierarchy && { latents: hierarchy.grad }) },
      {
        energyPositive: tilt.aux.positive,
        energyNegative: tilt.aux.negative,
        energyGap: tilt.value,
        ...(hierarchy && { baseEnergyPositive: hierarchy.aux.positive, baseEnergyNegative: hierarchy.aux.negative }),
        ...spread(ends.negative, "Negative"),
      },
    );
  };
}

/**
 * The iteration before there are posterior chains, by a weighted evidence lower bound under p0.
 * With z ~ q(z | x), generator, inference model and base law descend
 *
 *   mean -log p(x | g(z)) + (a/β) mean[log q(z | x) - log p0(z)].
 *
 * For a = 1 the best q is the closest to the tempered posterior p0(z) p(x | z)^β. The tilt keeps
 * every bit.
 *
 * Bowman et al., "Generating Sentences from a Continuous Space", arXiv 1511.06349.
 *
 * @returns a function whose last argument is a, `[]`.
 */
export function variationalStep<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(options: ResolvedOptions<G, E, Batch, X, Z, L, Y>, inference: InferenceModel<TensorTree, X, Z>) {
  const { generator, latents, posterior } = options;
  const optimizer = jointOptimizer(options, { tilt: false });
  type Learned = Backbone<G, TensorTree, L>;
  return (
    { params: { energy: tilt, ...params }, optimizer: { inner, skipped } }: LatentPriorState<G, E, L>,
    x: X,
    key: Key,
    share: tf.Tensor,
  ): { state: LatentPriorState<G, E, L>; metrics: LatentPriorMetrics } => {
    const learned = params as Learned;
    const [drawKey, , generatorKey, , latentsKey, observationKey, inferenceKey] = random.split(key, keyCount) as Key[];
    const keys = {
      ...{ draw: drawKey!, inference: inferenceKey!, generator: generatorKey! },
      ...{ observation: observationKey!, latents: latentsKey! },
    };
    const loss = (p: Learned) => {
      const { z, ...metrics } = evidenceBound({ ...options, inference }, p, x, keys);
      const weight = tf.div(share, posterior.likelihoodWeight ?? 1);
      return [tf.add(metrics.surprise, tf.mul(weight, metrics.divergence)), { z, metrics }] as const;
    };
    const { grad, aux } = trainedGradient(loss, { hasAux: true })(learned);
    const { energy: kept, ...states } = inner as Readonly<Record<string, TensorTree>>;
    const next = optimizer.update(learned, grad, { inner: states, skipped });
    const z = aux.z as Z;
    return {
      state: {
        params: {
          generator: refreshed(generator, next.params.generator, z),
          ...(tilt && { energy: tilt }),
          ...(latents.init && { latents: refreshed(latents, next.params.latents!, z) }),
          inference: refreshed(inference, next.params.inference, { x, z }),
        },
        optimizer: {
          ...next.state,
          inner: { ...(next.state.inner as typeof states), ...(kept !== undefined && { energy: kept }) },
        },
      },
      metrics: { ...aux.metrics, ...spread(z, "Positive"), ...optimizer.metrics!(next.state) },
    };
  };
}
