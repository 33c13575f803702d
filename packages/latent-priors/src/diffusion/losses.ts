/**
 * The terms of the loss of a latent diffusion model, as pure functions.
 *
 * With z ~ q(z | x), pairs (x_t, x_{t+1}) of the ladder at a random t < T - 1 and at T - 1, weights
 * w_t = σ_1/σ_{t+1}, and E = -log Σ exp(f):
 *
 * - `surprise`: -log p(x | z), for generator and inference.
 * - `prior`: Σ_t w_t E(y_t, t), with the energy held, and for a tilted top w_{T-1} ½|x_{T-1}|².
 * - `entropy`: -Σ_j ½(1 + log σ_j²), minus the entropy of q(z | x) up to a constant.
 * - `contrast`: Σ_t w_t (E(y_t, t) - E(y_t⁻, t)) with y_t⁻ from the chains, for the energy alone.
 * - `information` and `symbols`: mutual information of latent and symbol, and the cross-entropy of
 *   given symbols, both at level 0, for inference and energy.
 *
 * Yu et al., arXiv 2206.05895, and its released code.
 */
import { fromNoise } from "@ergodic/generators";
import type { Learning } from "@ergodic/nn";
import { along, entries, pair, perturb } from "@ergodic/noising";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { LevelChains } from "./chains.js";
import type { ResolvedDiffusion } from "./options.js";
import { coupledEnergy, mutualInformation, symbolCrossEntropy } from "./symbols.js";

export type DiffusionParams<G extends TensorTree, I extends TensorTree, E extends TensorTree> = {
  readonly generator: G;
  readonly inference: I;
  readonly energy: E;
  /** Of the network of the context. Absent without one. */
  readonly context?: TensorTree;
};

/** The latents of a batch at two neighbouring levels: for T > 1 all rows twice. */
export type Rungs = {
  /** t, int32 `[rows]`: random below T - 1, then T - 1. */
  readonly transition: tf.Tensor1D;
  /** c, `[rows, k]`. */
  readonly context?: tf.Tensor;
  /** x_t, `[rows, d]`. */
  readonly near: tf.Tensor;
  /** x_{t+1}. */
  readonly far: tf.Tensor;
  /** y_t = α_t x_t. */
  readonly positive: tf.Tensor;
};

/** What is constant in an update. */
export interface Held<E extends TensorTree> {
  readonly energy: E;
  readonly rungs: Rungs;
  /** y_t⁻, the ends of the chains, like y_t. */
  readonly negative: tf.Tensor;
  /** c, `[batch, k]`. */
  readonly context?: tf.Tensor | undefined;
  /** Given symbols, int32 `[batch]`, -1 where unknown. */
  readonly symbols?: tf.Tensor1D | undefined;
}

/** Scalars of a batch. */
export type DiffusionTerms = {
  readonly surprise: tf.Tensor;
  readonly reconstruction: tf.Tensor;
  readonly prior: tf.Tensor;
  readonly entropy: tf.Tensor;
  readonly contrast: tf.Tensor;
  readonly information: tf.Tensor;
  /** Absent without given symbols. */
  readonly symbols?: tf.Tensor;
};

/** The keys of an iteration. */
const keyNames = ["noise", "pairs", "chain", "level", "inference", "generator", "observation", "context"] as const;
export type DiffusionKeys = Readonly<Record<(typeof keyNames)[number], Key>>;
/** Keys from this number on are free. */
export const keyCount = keyNames.length;
export const keysOf = (key: Key): DiffusionKeys => {
  const keys = random.split(key, keyCount);
  return Object.fromEntries(keyNames.map((name, i) => [name, keys[i]!])) as DiffusionKeys;
};

/** How a model is given a context. */
export interface ContextRules<S extends TensorTree> {
  /** c of what is observed, `[batch, k]`. Undefined without a context. */
  contextOf(params: { readonly context?: TensorTree }, x: S, learning?: Learning): tf.Tensor | undefined;
  /** What the generator reads: z, or [z, c]. */
  told(z: tf.Tensor, given?: tf.Tensor): tf.Tensor;
}

export function diffusionLosses<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
  S extends X,
>(options: ResolvedDiffusion<G, I, E, Batch, X, Y, S>, chains: LevelChains<E>) {
  const { generator, observation, inference, context, levels, top, freeBits } = options;
  const { ladder, count, transitions } = levels;

  const rules: ContextRules<S> = {
    contextOf: ({ context: of }, x, learning) => context?.network.apply(of!, x, learning),
    told: (z, given) => (given === undefined ? z : tf.concat([z, given], 1)),
  };
  const { contextOf, told } = rules;

  /** q(z | x) and a draw of it. */
  const posterior = (params: I, x: S, keys: DiffusionKeys) => {
    const law = inference.law(params, x, { key: keys.inference });
    return { law, z: fromNoise(law, random.normal(keys.noise, law.mean.shape)) };
  };

  const rungs = (z: tf.Tensor, { pairs }: DiffusionKeys, given?: tf.Tensor): Rungs => {
    const [levelKey, noiseKey] = random.split(pairs) as [Key, Key];
    const rows = z.shape[0]!;
    const last = tf.fill([rows], count - 1, "int32") as tf.Tensor1D;
    const transition =
      count === 1 ? last : tf.concat1d([random.integers(levelKey, [rows], { high: count - 1 }) as tf.Tensor1D, last]);
    const each = (rows: tf.Tensor) => (count === 1 ? rows : tf.concat([rows, rows]));
    const { near, far } = pair(ladder, each(z), transition, noiseKey);
    return {
      ...{ transition, near, far, positive: tf.mul(along(transitions.scale, transition, near), near) },
      ...(given && { context: each(given) }),
    };
  };

  /** Σ w_t of `values` of rows, per example. */
  const weighted = (values: tf.Tensor, { transition }: Rungs, batch: number): tf.Tensor =>
    tf.div(tf.sum(tf.mul(entries(transitions.lossWeight, transition), values)), batch);

  /** The Gaussian part of the top level, `[]`. */
  const norm = ({ near, far }: Rungs, batch: number): tf.Tensor => {
    if (top === "marginal") return tf.scalar(0);
    const whole = top === "tilted" ? near : far;
    const rows = tf.slice(whole, [whole.shape[0]! - batch, 0]);
    const weight = top === "tilted" ? transitions.lossWeight[count - 1]! : 1;
    return tf.mul(weight / 2 / batch, tf.sum(tf.square(rows)));
  };

  const entropy = (sd: tf.Tensor): tf.Tensor => {
    const each = tf.sub(-0.5, tf.log(sd));
    const counted = freeBits === undefined ? each : tf.where(tf.greater(each, freeBits), each, tf.zerosLike(each));
    return tf.mean(tf.sum(counted, 1));
  };

  const reconstructed = (
    params: Pick<DiffusionParams<G, I, E>, "generator" | "context">,
    z: tf.Tensor,
    x: S,
    keys: DiffusionKeys,
  ) => {
    const given = contextOf(params, x, { key: keys.context });
    const y = generator.apply(params.generator, told(z, given), { key: keys.generator });
    return {
      surprise: tf.neg(tf.mean(observation.logDensity(y, x, { key: keys.observation }))),
      reconstruction: tf.mean(observation.error(y, x)),
    };
  };

  /** f(α_0 x_0, 0) with x_0 = A_0 z + S_0 ε, `[batch, symbols]`. Without a key x_0 = A_0 z. */
  const symbolLogits = (
    params: E,
    z: tf.Tensor,
    given: { readonly context?: tf.Tensor | undefined; readonly key?: Key },
    learning?: Learning,
  ): tf.Tensor => {
    const { context: c, key } = given;
    const bottom = key === undefined ? tf.mul(ladder.signal[0]!, z) : perturb(ladder, z, 0, key);
    const place = { transition: tf.fill([z.shape[0]!], 0, "int32") as tf.Tensor1D, ...(c && { context: c }) };
    return chains.logits(params, tf.mul(transitions.scale[0]!, bottom), place, learning);
  };

  const terms = (params: DiffusionParams<G, I, E>, held: Held<E>, x: S, keys: DiffusionKeys): DiffusionTerms => {
    const { law, z } = posterior(params.inference, x, keys);
    const batch = z.shape[0]!;
    const seen = rungs(z, keys, held.context);
    const { rungs: fixed, negative } = held;
    const priorEnergy = coupledEnergy(chains.logits(held.energy, seen.positive, seen));
    const places = {
      transition: tf.concat1d([fixed.transition, fixed.transition]),
      ...(fixed.context && { context: tf.concat([fixed.context, fixed.context]) }),
    };
    const both = chains.logits(params.energy, tf.concat([fixed.positive, negative]), places, {});
    const [real, made] = tf.split(coupledEnergy(both), 2) as [tf.Tensor, tf.Tensor];
    const logits = symbolLogits(params.energy, z, { context: held.context, key: keys.level }, {});
    return {
      ...reconstructed(params, z, x, keys),
      prior: tf.add(weighted(priorEnergy, seen, batch), norm(seen, batch)),
      entropy: entropy(law.sd),
      contrast: weighted(tf.sub(real, made), fixed, batch),
      information: mutualInformation(logits),
      ...(held.symbols && { symbols: symbolCrossEntropy(logits, held.symbols) }),
    };
  };

  return { ...rules, posterior, rungs, reconstructed, symbolLogits, terms, entropy };
}
