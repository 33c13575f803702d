/** Updates of a latent diffusion model, as pure functions. */
import { perPart, refreshed, skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { entries } from "@ergodic/noising";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { LevelChains } from "./chains.js";
import { clusterRows, nearestCentroid, type Clusters } from "./clustering.js";
import { diffusionLosses, keysOf, type DiffusionParams } from "./losses.js";
import type { ResolvedDiffusion } from "./options.js";

/** The state without clusters. */
export type DiffusionCore<G extends TensorTree, I extends TensorTree, E extends TensorTree> = {
  readonly params: DiffusionParams<G, I, E>;
  readonly optimizers: {
    /** Of generator and inference. */
    readonly backbone: SkipUnsoundState<TensorTree>;
    readonly energy: SkipUnsoundState<TensorTree>;
  };
};

export type DiffusionState<G extends TensorTree, I extends TensorTree, E extends TensorTree> = DiffusionCore<
  G,
  I,
  E
> & {
  /** Present where symbols come from clusters. */
  readonly clusters?: Clusters<I>;
};

/** What an update is told besides its batch. */
export type Guidance<I extends TensorTree> = {
  /** The share of the weight of the divergence, `[]`. */
  readonly share: tf.Tensor;
  readonly clusters?: Clusters<I>;
  /** Given symbols, int32 `[batch]`, -1 where unknown. */
  readonly labels?: tf.Tensor1D;
};

export type DiffusionMetrics = Readonly<Record<string, tf.Tensor>>;

export function diffusionLearning<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
>(options: ResolvedDiffusion<G, I, E, Batch, X, Y>, chains: LevelChains<E>) {
  const { generator, inference, network, levels, weights, optimizers, clustering } = options;
  const losses = diffusionLosses(options, chains);
  type Params = DiffusionParams<G, I, E>;
  type Core = DiffusionCore<G, I, E>;
  type Backbone = { readonly generator: G; readonly inference: I };
  const backboneOptimizer = skipUnsound(
    perPart({ generator: optimizers.generator, inference: optimizers.inference } as Readonly<
      Record<string, Optimizer>
    >) as Optimizer,
  );
  const energyOptimizer = skipUnsound(optimizers.energy);

  /** The symbols of examples by the clusters, int32 `[batch]`. */
  const assigned = (clusters: Clusters<I>, x: X): tf.Tensor1D => {
    const { mean } = inference.law(clusters.inference, x);
    return nearestCentroid(clusterRows(mean, clusters, clustering!.unit), clusters.centroids);
  };

  const init = (key: Key): Core => {
    const [generatorKey, inferenceKey, energyKey] = random.split(key, 3) as [Key, Key, Key];
    const backbone: Backbone = { generator: generator.init(generatorKey), inference: inference.init(inferenceKey) };
    const energy = network.init(energyKey);
    return {
      params: { ...backbone, energy },
      optimizers: { backbone: backboneOptimizer.init(backbone), energy: energyOptimizer.init(energy) },
    };
  };

  const movedBackbone = ({ params, optimizers: before }: Core, x: X, z: tf.Tensor, grads: Trained<Backbone>) => {
    const { generator: g, inference: i } = params;
    const next = backboneOptimizer.update({ generator: g, inference: i } as Backbone, grads, before.backbone);
    return {
      params: {
        generator: refreshed(generator, next.params.generator, z),
        inference: refreshed(inference, next.params.inference, { x, z }),
      },
      state: next.state,
      metrics: prefixed("backbone", backboneOptimizer.metrics!(next.state)),
    };
  };

  /** Generator and inference alone, by -log p(x | z) at the posterior mean. */
  const autoencoder = (state: Core, x: X, key: Key): { state: Core; metrics: DiffusionMetrics } => {
    const keys = keysOf(key);
    const loss = (parts: Backbone) => {
      const { mean } = inference.law(parts.inference, x, { key: keys.inference });
      const { surprise, reconstruction } = losses.reconstructed(parts.generator, mean, x, keys);
      return [surprise, { mean, metrics: { surprise, reconstruction } }] as const;
    };
    const { generator: g, inference: i } = state.params;
    const { grad, aux } = trainedGradient(loss, { hasAux: true })({ generator: g, inference: i } as Backbone);
    const next = movedBackbone(state, x, aux.mean, grad);
    return {
      state: {
        params: { ...next.params, energy: state.params.energy },
        optimizers: { ...state.optimizers, backbone: next.state },
      },
      metrics: { ...aux.metrics, ...next.metrics },
    };
  };

  /** All parts. The chains run under the parameters before the update. */
  const joint = (
    state: Core,
    x: X,
    key: Key,
    { share, clusters, labels }: Guidance<I>,
  ): { state: Core; metrics: DiffusionMetrics } => {
    const { params } = state;
    const keys = keysOf(key);
    const { z } = losses.posterior(params.inference, x, keys);
    const rungs = losses.rungs(z, keys);
    const negative = chains.draw(params.energy, rungs, keys.chain);
    const symbols = clusters === undefined ? labels : assigned(clusters, x);
    const held = { energy: params.energy, rungs, negative, symbols };
    const divergence = tf.mul(weights.divergence, share);
    const loss = (parts: Params) => {
      const terms = losses.terms(parts, held, x, keys);
      const total = tf.addN([
        terms.surprise,
        tf.mul(divergence, tf.addN([terms.prior, terms.entropy, terms.contrast])),
        tf.mul(-weights.information, terms.information),
        ...(terms.symbols ? [tf.mul(weights.symbols, terms.symbols)] : []),
      ]);
      return [total, terms] as const;
    };
    const { grad, aux } = trainedGradient(loss, { hasAux: true })(params);
    const { energy: energyGrad, ...backboneGrad } = grad as unknown as Trained<Backbone> & { energy: Trained<E> };
    const backbone = movedBackbone(state, x, z, backboneGrad as Trained<Backbone>);
    const energy = energyOptimizer.update(params.energy, energyGrad, state.optimizers.energy);
    const condition = entries(levels.times, rungs.transition);
    return {
      state: {
        params: {
          ...backbone.params,
          energy: refreshed(network, energy.params, { image: rungs.positive, condition }),
        },
        optimizers: { backbone: backbone.state, energy: energy.state },
      },
      metrics: {
        ...aux,
        latentStd: tf.sqrt(tf.mean(tf.square(tf.sub(z, tf.mean(z, 0))))),
        latentMaxNegative: tf.max(tf.abs(negative)),
        ...backbone.metrics,
        ...prefixed("energy", energyOptimizer.metrics!(energy.state)),
      },
    };
  };

  return { init, autoencoder, joint, assigned, losses };
}

const prefixed = (part: string, metrics: DiffusionMetrics): DiffusionMetrics =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${part}.${name}`, value]));
