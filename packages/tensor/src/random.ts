/**
 * Random numbers as pure functions of a key.
 *
 * - `random.normal(key, shape)` gives the same tensor for the same key and shape on every machine.
 *   Use a key for one draw only.
 * - Make further keys with `split`, when the number of parts is known, or with `fold`, for numbered
 *   things such as iterations and epochs.
 * - All functions take any `Key`, also the keys of a program that is being recorded.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { BlendedKey } from "./blended-key.js";
import { assertDraw, type Draw } from "./draw.js";
import { hostDraw } from "./host-draw.js";
import { HostKey, isHostKey, isKey, type Key } from "./key.js";
import { seedWords } from "./seed.js";
import type { Words } from "./threefry.js";
import { tree, type TensorTree } from "./tree.js";
import {
  assertFinite,
  assertInRange,
  assertInteger,
  assertPositiveInteger,
  describeValue,
  fail,
} from "./validation.js";

/** The first path of `split`. Paths of `fold` are smaller, so the two never make the same key. */
const splitStart = 2 ** 52;

export type NormalOptions = { readonly mean?: number; readonly sd?: number };
export type UniformOptions = { readonly low?: number; readonly high?: number };

function assertKey(value: Key): void {
  if (!isKey(value)) fail(`key is ${describeValue(value)}`, "a random key", "make one with random.key(seed)");
}

function drawn<T extends tf.Tensor>(from: Key, spec: Draw): T {
  assertKey(from);
  assertDraw(spec);
  return from.draw(spec) as T;
}

/**
 * The key of a seed.
 *
 * @param seed a whole number (also negative), a bigint of at most 64 bits, or a text, which is
 *   hashed.
 * @throws ValidationError for anything else.
 */
function key(seed: number | bigint | string): HostKey {
  return new HostKey(seedWords(seed));
}

/** The key with these words, as saved from `HostKey.words`. */
function fromWords(words: readonly number[]): HostKey {
  return new HostKey(words as Words);
}

/** A tuple of `N` values where `N` is a literal of at most 32, otherwise an array. */
type Several<T, N extends number, Known extends T[] = []> = number extends N
  ? T[]
  : Known["length"] extends N
    ? Known
    : Known["length"] extends 32
      ? T[]
      : Several<T, N, [...Known, T]>;

/** `n` independent keys. They do not depend on `n`: `split(key, 3)` begins with `split(key, 2)`. */
function split<K extends Key, N extends number = 2>(from: K, n?: N): Several<ReturnType<K["derive"]>, N>;
function split<K extends Key>(from: K, n: number): ReturnType<K["derive"]>[];
function split<K extends Key>(from: K, n = 2): ReturnType<K["derive"]>[] {
  assertKey(from);
  assertPositiveInteger({ n });
  return Array.from({ length: n }, (_, i) => from.derive(splitStart + i) as ReturnType<K["derive"]>);
}

/**
 * The key of the thing with number `i`, 0 <= i < 2^52.
 *
 * Keys of different numbers are independent of each other and of the keys that `split` makes.
 */
function fold<K extends Key>(from: K, i: number): ReturnType<K["derive"]> {
  assertKey(from);
  assertInteger({ i });
  assertInRange({ i }, { min: 0, max: splitStart, maxOpen: true });
  return from.derive(i) as ReturnType<K["derive"]>;
}

/**
 * The same key, with draws in which every row along the first axis equals the first one, which is
 * that of `from`. The keys derived from it draw so too.
 *
 * The result of a function of a batch, such as the end of a chain from each example, then depends
 * on the example alone: neither on its place nor on the rest of the batch. Permutations are
 * unchanged.
 *
 * @throws ValidationError for a key of a program that is being recorded.
 */
function equalRows(from: Key): HostKey {
  return new HostKey(hostKeyOf(from, "make it before the program is called").words, { equalRows: true });
}

/**
 * A key whose normal numbers are mean + cos θ z + sin θ z' for those of two keys, z and z' without
 * their mean. Their law is that of each. The keys derived from it are blends of the derived keys.
 *
 * θ = 0 gives the numbers of `from`, and π/2 those of `to`: between them the randomness of a whole
 * computation changes steadily. Inside `compile` the two keys and θ can be arguments.
 *
 * @param angle θ, `[]`, or one for each row of the draws.
 * @throws ValidationError when other than normal numbers are drawn, or for an angle of another
 *   shape.
 */
function blended(from: Key, to: Key, angle: tf.Tensor): Key {
  assertKey(from);
  assertKey(to);
  return new BlendedKey(from, to, angle);
}

/**
 * Independent N(mean, sd²) variates, float32 of the given shape, by the Ziggurat method: mean + sd x
 * with a standard normal x, all rounded to float32.
 */
function normal<R extends tf.Rank = tf.Rank>(
  from: Key,
  shape: tf.ShapeMap[R] | readonly number[],
  { mean = 0, sd = 1 }: NormalOptions = {},
): tf.Tensor<R> {
  return drawn(from, { kind: "normal", shape, mean, sd });
}

/** Independent uniform variates in [low, high), float32. Rounding never gives `high` itself. */
function uniform<R extends tf.Rank = tf.Rank>(
  from: Key,
  shape: tf.ShapeMap[R] | readonly number[],
  { low = 0, high = 1 }: UniformOptions = {},
): tf.Tensor<R> {
  return drawn(from, { kind: "uniform", shape, low, high });
}

/** 1 with probability `probability` and 0 otherwise, independently, float32. */
function bernoulli(from: Key, shape: readonly number[], probability: number): tf.Tensor {
  return drawn(from, { kind: "bernoulli", shape, probability });
}

/** Independent whole numbers in [low, high), equally likely, int32; -2^31 <= low < high <= 2^31. */
function integers(from: Key, shape: readonly number[], options: { low?: number; high: number }): tf.Tensor {
  return drawn(from, { kind: "integers", shape, low: options.low ?? 0, high: options.high });
}

/** Probabilities that sum to 1, or logits, of which softmax makes probabilities. */
export type CategoryWeights = readonly number[] | { readonly logits: readonly number[] };

function probabilitiesOf(weights: CategoryWeights): readonly number[] {
  if (!("logits" in weights)) return weights;
  weights.logits.forEach((logit, k) => {
    if (logit !== -Infinity) assertFinite({ [`logits[${k}]`]: logit });
  });
  const highest = Math.max(...weights.logits);
  if (highest === -Infinity) fail("every logit is -Infinity, or there is none", "at least one finite logit");
  const unnormalised = weights.logits.map((logit) => Math.exp(logit - highest));
  const total = unnormalised.reduce((sum, value) => sum + value, 0);
  return unnormalised.map((value) => value / total);
}

/**
 * Independent categories, int32 of the given shape: index k with probability p_k.
 *
 * They are drawn by inverting the cumulative distribution.
 */
function categorical(from: Key, weights: CategoryWeights, shape: readonly number[]): tf.Tensor {
  return drawn(from, { kind: "categorical", shape, probabilities: probabilitiesOf(weights) });
}

/** A random order of 0 .. n-1, every order equally likely, int32 of shape [n], by Fisher-Yates. */
function permutation(from: Key, n: number): tf.Tensor1D {
  return drawn(from, { kind: "permutation", shape: [n] });
}

/**
 * A tree of standard normal variates with the structure and shapes of `like`.
 *
 * The i-th leaf uses the i-th key of `split`.
 */
function normalLike<P extends TensorTree>(from: Key, like: P, options: NormalOptions = {}): P {
  const count = tree.leaves(like).length;
  const keys = count === 0 ? [] : split(from, count);
  let used = 0;
  return tree.map((leaf) => normal(keys[used++] as Key, leaf.shape, options), like);
}

function hostKeyOf(from: Key, remedy: string): HostKey {
  assertKey(from);
  if (!isHostKey(from)) fail("key belongs to a program that is being recorded", "a key that holds numbers", remedy);
  return from;
}

function hostDrawn<A extends Float32Array | Int32Array>(from: Key, spec: Draw): A {
  const key = hostKeyOf(from, "use the tensor form, for example random.normal");
  assertDraw(spec);
  return hostDraw(key, spec).values as Float32Array | Int32Array as A;
}

/**
 * The same numbers as typed arrays, for code without tensors.
 *
 * The key must hold its bits, so these functions cannot be used inside `compile`.
 */
const host = {
  /** `n` independent N(mean, sd²) variates. */
  normal: (from: Key, n: number, { mean = 0, sd = 1 }: NormalOptions = {}): Float32Array<ArrayBuffer> =>
    hostDrawn(from, { kind: "normal", shape: [n], mean, sd }),
  /** `n` independent uniform variates in [low, high). */
  uniform: (from: Key, n: number, { low = 0, high = 1 }: UniformOptions = {}): Float32Array<ArrayBuffer> =>
    hostDrawn(from, { kind: "uniform", shape: [n], low, high }),
  /** `n` independent whole numbers in [low, high). */
  integers: (from: Key, n: number, options: { low?: number; high: number }): Int32Array<ArrayBuffer> =>
    hostDrawn(from, { kind: "integers", shape: [n], low: options.low ?? 0, high: options.high }),
  /** `n` independent categories. */
  categorical: (from: Key, weights: CategoryWeights, n: number): Int32Array<ArrayBuffer> =>
    hostDrawn(from, { kind: "categorical", shape: [n], probabilities: probabilitiesOf(weights) }),
  /** A random order of 0 .. n-1. */
  permutation: (from: Key, n: number): Int32Array<ArrayBuffer> => hostDrawn(from, { kind: "permutation", shape: [n] }),
} as const;

/** Keys and random numbers. */
export const random = {
  key,
  fromWords,
  split,
  fold,
  equalRows,
  blended,
  normal,
  uniform,
  bernoulli,
  integers,
  categorical,
  permutation,
  normalLike,
  host,
} as const;
