/** Laws from which chains start. */
import type * as tf from "@tensorflow/tfjs-core";
import { assertPositive, random, type Key, type TensorTree } from "@ergodic/tensor";

/**
 * n fresh positions: draws of a prior, uniform noise, examples of the data, or draws of a trained
 * generator.
 */
export type StartLaw<X extends TensorTree = tf.Tensor> = (key: Key, n: number) => X;

/** Starts that are drawn: again, where the energy or its gradient is not finite. */
export interface Starts<X extends TensorTree = tf.Tensor> {
  /** The law of the starts, such as {@link uniformStarts}. */
  readonly law: StartLaw<X>;
  /** The number of chains. */
  readonly chains: number;
}

/** Whether chains start from a law and not from a position. */
export const isStarts = (start: object): start is Starts<never> =>
  "law" in start && typeof start.law === "function" && "chains" in start;

/**
 * Positions `[n, ...shape]`, uniform in [-width, width] in every coordinate, the starts of Stan.
 *
 * @param width Default 2.
 * @throws ValidationError for a width that is not positive.
 */
export function uniformStarts(shape: readonly number[], { width = 2 }: { readonly width?: number } = {}): StartLaw {
  assertPositive({ width });
  return (key, n) => random.uniform(key, [n, ...shape], { low: -width, high: width });
}

/** A start that an open kernel accepts. */
export type Begin<X extends TensorTree> = X | (Starts<X> & { readonly key: Key });
