/** Updates of a latent diffusion model, as pure functions. */
import type { ConditionedInContext } from "@ergodic/energies";
import { refreshed, skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { entries } from "@ergodic/noising";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { LevelChains } from "./chains.js";
import { clusterRows, nearestCentroid, type Clusters } from "./clustering.js";
import { diffusionLosses, keyCount, keysOf, type DiffusionParams } from "./losses.js";
import type { ResolvedDiffusion } from "./options.js";
import { symbolCrossEntropy } from "./symbols.js";

/** A part of the parameters, with an optimiser of its own. */
type DiffusionPart = "generator" | "inference" | "energy" | "context";

/** The state without clusters. */
export type DiffusionCore<G extends TensorTree, I extends TensorTree, E extends TensorTree> = {
  readonly params: DiffusionParams<G, I, E>;
  /** By part of the parameters. */
  readonly optimizers: Readonly<Partial<Record<DiffusionPart, SkipUnsoundState<TensorTree>>>>;
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
  S extends X,
>(options: ResolvedDiffusion<G, I, E, Batch, X, Y, S>, chains: LevelChains<E>) {
  const { generator, inference, network, context, levels, weights, optimizers, clustering } = options;
  const losses = diffusionLosses(options, chains);
  type Params = DiffusionParams<G, I, E>;
  type Core = DiffusionCore<G, I, E>;
  type Backbone = Omit<Params, "energy">;
  const rules: Readonly<Partial<Record<DiffusionPart, Optimizer<SkipUnsoundState<TensorTree>>>>> = {
    generator: skipUnsound(optimizers.generator),
    inference: skipUnsound(optimizers.inference),
    energy: skipUnsound(optimizers.energy),
    ...(context && { context: skipUnsound(context.optimizer) }),
  };

  /** The symbols of examples by the clusters, int32 `[batch]`. */
  const assigned = (clusters: Clusters<I>, x: S): tf.Tensor1D => {
    const { mean } = inference.law(clusters.inference, x);
    return nearestCentroid(clusterRows(mean, clusters, clustering!.unit), clusters.centroids);
  };

  const init = (key: Key): Core => {
    const [generatorKey, inferenceKey, energyKey] = random.split(key, 3) as [Key, Key, Key];
    const params: Params = {
      generator: generator.init(generatorKey),
      inference: inference.init(inferenceKey),
      energy: network.init(energyKey),
      ...(context && { context: context.network.init(random.fold(key, 3)) }),
    };
    const states = (Object.keys(rules) as DiffusionPart[]).map(
      (part) => [part, rules[part]!.init(params[part] as TensorTree)] as const,
    );
    return { params, optimizers: Object.fromEntries(states) };
  };

  /** The state after a step of each part that has a gradient. */
  const stepped = (state: Core, grads: Readonly<Partial<Record<DiffusionPart, Trained<TensorTree>>>>) => {
    const moved = (Object.entries(grads) as [DiffusionPart, Trained<TensorTree>][]).map(([part, grad]) => {
      const rule = rules[part]!;
      const next = rule.update(state.params[part] as TensorTree, grad, state.optimizers[part]!);
      return { part, ...next, metrics: prefixed(part, rule.metrics!(next.state)) };
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
  const renewed = (params: Params, x: S, z: tf.Tensor, given?: tf.Tensor, input?: ConditionedInContext): Params => ({
    generator: refreshed(generator, params.generator, losses.told(z, given)),
    inference: refreshed(inference, params.inference, { x, z }),
    energy: input === undefined ? params.energy : refreshed(network, params.energy, input),
    ...(context && { context: refreshed(context.network, params.context!, x) }),
  });

  /** All but the energy, by -log p(x | z) at the posterior mean. */
  const autoencoder = (state: Core, x: S, key: Key): { state: Core; metrics: DiffusionMetrics } => {
    const keys = keysOf(key);
    const loss = (parts: Backbone) => {
      const { mean } = inference.law(parts.inference, x, { key: keys.inference });
      const { surprise, reconstruction } = losses.reconstructed(parts, mean, x, keys);
      return [surprise, { mean, metrics: { surprise, reconstruction } }] as const;
    };
    const { energy: _, ...backbone } = state.params;
    const { grad, aux } = trainedGradient(loss, { hasAux: true })(backbone as Backbone);
    const next = stepped(state, grad);
    return {
      state: { ...next.state, params: renewed(next.state.params, x, aux.mean, losses.contextOf(state.params, x)) },
      metrics: { ...aux.metrics, ...next.metrics },
    };
  };

  /** Inference and energy alone, by -log p(s | x) of given symbols at the posterior mean. */
  const classifier = (state: Core, { x, labels }: { readonly x: S; readonly labels: tf.Tensor1D }, key: Key) => {
    type Judge = Pick<Params, "inference" | "energy">;
    const given = { context: losses.contextOf(state.params, x) };
    const loss = (parts: Judge) => {
      const { mean } = inference.law(parts.inference, x, { key });
      const symbols = symbolCrossEntropy(losses.symbolLogits(parts.energy, mean, given, {}), labels);
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
    x: S,
    key: Key,
    { share, clusters, labels, labelled }: Guidance<I, S>,
  ): { state: Core; metrics: DiffusionMetrics } => {
    const judged = labelled && classifier(before, labelled, random.fold(key, keyCount));
    const state = judged?.state ?? before;
    const { params } = state;
    const keys = keysOf(key);
    const { z } = losses.posterior(params.inference, x, keys);
    const given = losses.contextOf(params, x);
    const rungs = losses.rungs(z, keys, given);
    const negative = chains.draw(params.energy, rungs, keys.chain);
    const symbols = clusters === undefined ? labels : assigned(clusters, x);
    const held = { energy: params.energy, rungs, negative, symbols, context: given };
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
    const read = {
      image: rungs.positive,
      condition: entries(levels.times, rungs.transition),
      ...(rungs.context && { context: rungs.context }),
    };
    return {
      state: { ...next.state, params: renewed(next.state.params, x, z, given, read) },
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
