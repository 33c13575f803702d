/**
 * Parts of the normalising layers: standardising along axes, then a scale and an offset for each
 * channel.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, assertPositiveInteger, fail, random, type Key } from "@ergodic/tensor";
import { ones, zeros, type Initializer } from "./initializers.js";

/** The learned affine map of each channel: `scale` and `offset`, `[channels]` each. */
export type NormParams = { readonly scale: tf.Tensor; readonly offset: tf.Tensor };

export interface NormOptions {
  /** Size of the last axis of the input. */
  readonly channels: number;
  /** Added to the variance. Default 1e-5, as in PyTorch. */
  readonly epsilon?: number;
  /** Default: scales of 1, offsets of 0. */
  readonly init?: { readonly scale?: Initializer; readonly offset?: Initializer };
}

/** Checks the options. Returns a function that makes the parameters. */
export function normInit({ channels, epsilon = 1e-5, init = {} }: NormOptions): (key: Key) => NormParams {
  assertPositiveInteger({ channels });
  assertPositive({ epsilon });
  const tensor = { shape: [channels], fanIn: channels, fanOut: channels };
  return (key) => ({
    scale: (init.scale ?? ones)(random.fold(key, 0), tensor),
    offset: (init.offset ?? zeros)(random.fold(key, 1), tensor),
  });
}

export interface Moments {
  readonly mean: tf.Tensor;
  /** The mean squared deviation, without Bessel's correction. */
  readonly variance: tf.Tensor;
}

/** Mean and variance along `axes`, which become axes of size 1. */
export function momentsAlong(x: tf.Tensor, axes: number[]): Moments {
  const mean = tf.mean(x, axes, true);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), axes, true) };
}

/** (x - mean)/sqrt(variance + ε). */
export const standardised = (x: tf.Tensor, { mean, variance }: Moments, epsilon: number): tf.Tensor =>
  tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));

/** scale x + offset for each channel. */
export const scaledAndShifted = (x: tf.Tensor, { scale, offset }: NormParams): tf.Tensor =>
  tf.add(tf.mul(x, scale), offset);

/**
 * scale (x - mean)/sqrt(variance + ε) + offset, for moments of each channel.
 *
 * Both factors become one before they meet `x`, which saves a pass over it in each direction.
 */
export const normalisedChannels = (
  x: tf.Tensor,
  { mean, variance }: Moments,
  { scale, offset }: NormParams,
  epsilon: number,
): tf.Tensor => tf.add(tf.mul(tf.sub(x, mean), tf.mul(tf.rsqrt(tf.add(variance, epsilon)), scale)), offset);

/** @throws ValidationError unless the input of the layer `name` is `[batch, ..., channels]`. */
export function assertChannels(name: string, input: tf.Tensor, channels: number): void {
  if (input.rank >= 2 && input.shape[input.rank - 1] === channels) return;
  fail(
    `the input of ${name} has shape [${input.shape.join(",")}]`,
    `[batch,...,${channels}]`,
    `this layer was made with channels: ${channels}`,
  );
}

/** @throws ValidationError for a single value, which is always 0 after its mean is taken off. */
export function assertSeveral(name: string, count: number, what: string): void {
  if (count >= 2) return;
  fail(
    `the input of ${name} has ${count} value(s) per ${what}`,
    "at least 2",
    "normalised, a single value is 0 whatever it is: use larger images, batches or groups",
  );
}
