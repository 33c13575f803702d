/**
 * Updates of a variational model with an energy-based prior, as pure functions.
 *
 * With z ~ q(z | x), z⁻ from the chain of the prior and x data, the loss of all parts is
 *
 *   mean[-log p(x | z) + log q(z | x) - log p0(z) + E(z)] - mean[-log p0(z⁻) + E(z⁻)].
 *
 * Its gradient is that of KL(data q(z | x) ‖ p(x, z)): the last mean stands for log Z, which
 * depends on the energy and on the parameters of p0. In two stages the first learns without E and
 * z⁻, by the evidence lower bound. The second learns E alone: the prior then models the aggregate
 * posterior E_data[q(z | x)] relative to p0.
 *
 * Cui, Wu, Han, "Learning Joint Latent Space EBM Prior Model for Multi-layer Generator", arXiv
 * 2306.06323.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  perPart,
  refreshed,
  skipUnsound,
  trainedGradient,
  type NoParams,
  type Optimizer,
  type SkipUnsoundState,
} from "@ergodic/nn";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import { baseParams } from "../chains.js";
import { evidenceBound, type Backbone } from "../evidence-bound.js";
import { examplesIn } from "../examples.js";
import { spread, type LatentPriorMetrics } from "../learning.js";
import type { NoiseRules } from "../layer-scores.js";
import { noisePrior, type NoisePrior, type PriorParams } from "../noise-prior.js";
import type { ResolvedVariational } from "./options.js";

export type VariationalParams<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  L extends TensorTree = NoParams,
> = { readonly backbone: Backbone<G, I, L>; readonly energy: E };

export type VariationalState<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  L extends TensorTree = NoParams,
> = {
  readonly params: VariationalParams<G, I, E, L>;
  readonly optimizers: {
    readonly backbone: SkipUnsoundState<TensorTree>;
    readonly energy: SkipUnsoundState<TensorTree>;
  };
};

/** The parameters that the prior reads. */
export const priorParams = <G extends TensorTree, I extends TensorTree, E extends TensorTree, L extends TensorTree>({
  backbone: { latents },
  energy,
}: VariationalParams<G, I, E, L>): PriorParams<E, L> => ({ energy, ...(latents !== undefined && { latents }) });

/** The noise of a prior, for the parameters of the whole model. */
export const noiseRules = <
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  L extends TensorTree,
  Z extends TensorTree,
>(
  prior: NoisePrior<E, Z, L>,
): NoiseRules<VariationalParams<G, I, E, L>, Z> => ({
  toLatents: (params, noise) => prior.toLatents(priorParams(params), noise),
  toNoise: (params, z) => prior.toNoise(priorParams(params), z),
  redraw: (params, noise, layers, key) => prior.redraw(priorParams(params), noise, layers, key),
});

/** The first state, and an update for each way of learning. */
export function variationalSteps<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(options: ResolvedVariational<G, I, E, Batch, X, Z, L, Y>) {
  const { generator, inference, energy, latents, optimizers } = options;
  type State = VariationalState<G, I, E, L>;
  type Params = State["params"];
  type Step = (state: State, x: X, key: Key) => { readonly state: State; readonly metrics: LatentPriorMetrics };
  const prior = noisePrior(options);
  const backboneOptimizer = skipUnsound(
    perPart({
      generator: optimizers.generator,
      inference: optimizers.inference,
      ...(latents.init && { latents: optimizers.latents! }),
    } as Readonly<Record<string, Optimizer>>) as Optimizer,
  );
  const energyOptimizer = skipUnsound(optimizers.energy);

  /** The negative evidence lower bound under p0, `[]`, with the draw z that it was found at. */
  const bound = (backbone: Backbone<G, I, L>, x: X, key: Key) => {
    const [draw, inferenceKey, generatorKey, observationKey, latentsKey] = random.split(key, 5) as Key[];
    const keys = { draw: draw!, inference: inferenceKey!, generator: generatorKey! };
    const found = evidenceBound(options, backbone, x, { ...keys, observation: observationKey!, latents: latentsKey! });
    const { z, surprise, divergence, reconstruction } = found;
    const value = tf.add(surprise, divergence);
    return { z, value, metrics: { bound: value, reconstruction, divergence, ...spread(z, "Positive") } };
  };

  /** mean E(z) - mean E(z⁻). */
  const contrast = (params: E, z: Z, negatives: Z, key: Key) => {
    const positive = tf.mean(energy.energy(params, z, { key: random.fold(key, 0) }));
    const negative = tf.mean(energy.energy(params, negatives, { key: random.fold(key, 1) }));
    const value = tf.sub(positive, negative);
    return { value, metrics: { energyPositive: positive, energyNegative: negative, energyGap: value } };
  };

  /** The state after an update of the parts that have a gradient; all others keep their bits. */
  const moved = (
    { params, optimizers: before }: State,
    [x, z]: readonly [X, Z],
    grads: { readonly backbone?: Trained<Backbone<G, I, L>>; readonly energy?: Trained<E> },
  ) => {
    const backbone = grads.backbone && backboneOptimizer.update(params.backbone, grads.backbone, before.backbone);
    const tilt = grads.energy && energyOptimizer.update(params.energy, grads.energy, before.energy);
    const state: State = {
      params: {
        backbone: backbone === undefined ? params.backbone : refreshedBackbone(backbone.params, x, z),
        energy: tilt === undefined ? params.energy : refreshed(energy, tilt.params, z),
      },
      optimizers: { backbone: backbone?.state ?? before.backbone, energy: tilt?.state ?? before.energy },
    };
    const named = (part: string, metrics: LatentPriorMetrics): LatentPriorMetrics =>
      Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${part}.${name}`, value]));
    return {
      state,
      metrics: {
        ...(backbone && named("backbone", backboneOptimizer.metrics!(backbone.state))),
        ...(tilt && named("energy", energyOptimizer.metrics!(tilt.state))),
      },
    };
  };

  const refreshedBackbone = (backbone: Backbone<G, I, L>, x: X, z: Z): Backbone<G, I, L> => ({
    generator: refreshed(generator, backbone.generator, z),
    inference: refreshed(inference, backbone.inference, { x, z }),
    ...(latents.init && { latents: refreshed(latents, backbone.latents!, z) }),
  });

  const init = (key: Key): State => {
    const [generatorKey, inferenceKey, latentsKey, energyKey] = random.split(key, 4) as Key[];
    const backbone: Backbone<G, I, L> = {
      generator: generator.init(generatorKey!),
      inference: inference.init(inferenceKey!),
      ...(latents.init && { latents: latents.init(latentsKey!) }),
    };
    const params: Params = { backbone, energy: energy.init(energyKey!) };
    return {
      params,
      optimizers: { backbone: backboneOptimizer.init(backbone), energy: energyOptimizer.init(params.energy) },
    };
  };

  /** All parts at once. */
  const joint: Step = (state, x, key) => {
    const { params } = state;
    const [boundKey, chainKey, contrastKey, latentsKey] = random.split(key, 4) as [Key, Key, Key, Key];
    const negatives = prior.sample(priorParams(params), examplesIn("the observation", x), chainKey);
    const loss = ({ backbone, energy: tilt }: Params) => {
      const below = bound(backbone, x, boundKey);
      const gap = contrast(tilt, below.z, negatives, contrastKey);
      const free = tf.mean(latents.energy(baseParams(backbone), negatives, { key: latentsKey }));
      return [
        tf.sub(tf.add(below.value, gap.value), free),
        { z: below.z, metrics: { ...below.metrics, ...gap.metrics } },
      ] as const;
    };
    const { grad, aux } = trainedGradient(loss, { hasAux: true })(params);
    const next = moved(
      state,
      [x, aux.z],
      grad as unknown as { backbone: Trained<Backbone<G, I, L>>; energy: Trained<E> },
    );
    return { ...next, metrics: { ...aux.metrics, ...spread(negatives, "Negative"), ...next.metrics } };
  };

  /** Generator, inference and base law, by the evidence lower bound under p0. */
  const backbone: Step = (state, x, key) => {
    const loss = (parts: Backbone<G, I, L>) => {
      const { value, z, metrics } = bound(parts, x, key);
      return [value, { z, metrics }] as const;
    };
    const { grad, aux } = trainedGradient(loss, { hasAux: true })(state.params.backbone);
    const next = moved(state, [x, aux.z], { backbone: grad });
    return { ...next, metrics: { ...aux.metrics, ...next.metrics } };
  };

  /** The energy on latents that the finished backbone infers. */
  const tilt: Step = (state, x, key) => {
    const { params } = state;
    const [drawKey, chainKey, contrastKey] = random.split(key, 3) as [Key, Key, Key];
    const positives = inference.draw(params.backbone.inference, x, drawKey);
    const negatives = prior.sample(priorParams(params), examplesIn("the observation", x), chainKey);
    const loss = (p: E) => {
      const { value, metrics } = contrast(p, positives, negatives, contrastKey);
      return [value, metrics] as const;
    };
    const { grad, aux } = trainedGradient(loss, { hasAux: true })(params.energy);
    const next = moved(state, [x, positives], { energy: grad });
    const spreads = { ...spread(positives, "Positive"), ...spread(negatives, "Negative") };
    return { ...next, metrics: { ...aux, ...spreads, ...next.metrics } };
  };

  return { init, joint, backbone, prior: tilt };
}
