/** Updates of a latent diffusion model, as pure functions. */
import { refreshed, skipUnsound, trainedGradient, type Conditioned, type SkipUnsoundState } from "@ergodic/nn";
import { entries } from "@ergodic/noising";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { LevelChains } from "./chains.js";
import { clusterRows, nearestCentroid, type Clusters } from "./clustering.js";
import { diffusionLosses, keyCount, keysOf, type DiffusionParams } from "./losses.js";
import type { ResolvedDiffusion } from "./options.js";
import { symbolCrossEntropy } from "./symbols.js";

/** A part of the parameters, with an optimiser of its own. */
type DiffusionPart = "generator" | "inference" | "energy";

/** The state without clusters. */
export type DiffusionCore<G extends TensorTree, I extends TensorTree, E extends TensorTree> = {
  readonly params: DiffusionParams<G, I, E>;
  readonly optimizers: Readonly<Record<DiffusionPart, SkipUnsoundState<TensorTree>>>;
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
export type Guidance<I extends TensorTree, X extends TensorTree> = {
  /** The share of the weight of the divergence, `[]`. */
  readonly share: tf.Tensor;
  readonly clusters?: Clusters<I>;
  /** Given symbols, int32 `[batch]`, -1 where unknown. */
  readonly labels?: tf.Tensor1D;
  /** Examples whose symbols are known, for a step before the others. */
  readonly labelled?: { readonly x: X; readonly labels: tf.Tensor1D };
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
  type Backbone = Pick<Params, "generator" | "inference">;
  const rules = {
    generator: skipUnsound(optimizers.generator),
    inference: skipUnsound(optimizers.inference),
    energy: skipUnsound(optimizers.energy),
  };

  /** The symbols of examples by the clusters, int32 `[batch]`. */
  const assigned = (clusters: Clusters<I>, x: X): tf.Tensor1D => {
    const { mean } = inference.law(clusters.inference, x);
    return nearestCentroid(clusterRows(mean, clusters, clustering!.unit), clusters.centroids);
  };

  const init = (key: Key): Core => {
    const [generatorKey, inferenceKey, energyKey] = random.split(key, 3) as [Key, Key, Key];
    const params: Params = {
      generator: generator.init(generatorKey),
      inference: inference.init(inferenceKey),
      energy: network.init(energyKey),
    };
    const optimizerOf = (part: DiffusionPart) => rules[part].init(params[part]);
    return {
      params,
      optimizers: {
        generator: optimizerOf("generator"),
        inference: optimizerOf("inference"),
        energy: optimizerOf("energy"),
      },
    };
  };

  /** The state after a step of each part that has a gradient. */
  const stepped = (state: Core, grads: Readonly<Partial<Record<DiffusionPart, Trained<TensorTree>>>>) => {
    const moved = (Object.entries(grads) as [DiffusionPart, Trained<TensorTree>][]).map(([part, grad]) => {
      const next = rules[part].update(state.params[part] as TensorTree, grad, state.optimizers[part]);
      return { part, ...next, metrics: prefixed(part, rules[part].metrics!(next.state)) };
    });
    const params = Object.fromEntries(moved.map((next) => [next.part, next.params])) as Partial<Params>;
    return {
      state: {
        params: { ...state.params, ...params },
        optimizers: { ...state.optimizers, ...Object.fromEntries(moved.map((next) => [next.part, next.state])) },
      },
      metrics: Object.assign({}, ...moved.map((next) => next.metrics)) as DiffusionMetrics,
    };
  };

  /** The parameters with moved fixed members, given what the networks have read. */
  const renewed = (params: Params, x: X, z: tf.Tensor, input?: Conditioned): Params => ({
    generator: refreshed(generator, params.generator, z),
    inference: refreshed(inference, params.inference, { x, z }),
    energy: input === undefined ? params.energy : refreshed(network, params.energy, input),
  });

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
    const next = stepped(state, grad);
    return {
      state: { ...next.state, params: renewed(next.state.params, x, aux.mean) },
      metrics: { ...aux.metrics, ...next.metrics },
    };
  };

  /** Inference and energy alone, by -log p(s | x) of given symbols at the posterior mean. */
  const classifier = (state: Core, { x, labels }: { readonly x: X; readonly labels: tf.Tensor1D }, key: Key) => {
    type Judge = Pick<Params, "inference" | "energy">;
    const loss = (parts: Judge) => {
      const { mean } = inference.law(parts.inference, x, { key });
      const symbols = symbolCrossEntropy(losses.symbolLogits(parts.energy, mean, undefined, {}), labels);
      return [tf.mul(weights.symbols, symbols), { symbols }] as const;
    };
    const { inference: i, energy: e } = state.params;
    const { grad, aux } = trainedGradient(loss, { hasAux: true })({ inference: i, energy: e } as Judge);
    return { state: stepped(state, grad).state, metrics: aux };
  };

  /**
   * All parts, after a step by labelled examples where there are any. The chains run under the
   * parameters before this step.
   */
  const joint = (
    before: Core,
    x: X,
    key: Key,
    { share, clusters, labels, labelled }: Guidance<I, X>,
  ): { state: Core; metrics: DiffusionMetrics } => {
    const judged = labelled && classifier(before, labelled, random.fold(key, keyCount));
    const state = judged?.state ?? before;
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
    const next = stepped(state, grad);
    const condition = entries(levels.times, rungs.transition);
    return {
      state: { ...next.state, params: renewed(next.state.params, x, z, { image: rungs.positive, condition }) },
      metrics: {
        ...aux,
        ...judged?.metrics,
        latentStd: tf.sqrt(tf.mean(tf.square(tf.sub(z, tf.mean(z, 0))))),
        latentMaxNegative: tf.max(tf.abs(negative)),
        ...next.metrics,
      },
    };
  };

  return { init, autoencoder, joint, assigned, losses };
}

const prefixed = (part: string, metrics: DiffusionMetrics): DiffusionMetrics =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${part}.${name}`, value]));
