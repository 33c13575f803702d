/** Activations as layers without parameters. Their first derivatives are exact on every engine. */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegative, assertOneOf } from "@ergodic/tensor";
import type { Layer, NoParams } from "./layer.js";

export type ActivationLayer = Layer<NoParams>;

/** Any function of a tensor as a layer without parameters. */
export const pointwise = (fn: (x: tf.Tensor) => tf.Tensor): ActivationLayer => ({
  init: () => [],
  apply: (_params, input) => fn(input),
});

/** The layer that returns its input. */
export const identity = (): ActivationLayer => pointwise((x) => x);

/**
 * max(x, slope x). The default slope is 0.2.
 *
 * @throws ValidationError when `slope` is negative.
 */
export function leakyRelu({ slope = 0.2 }: { readonly slope?: number } = {}): ActivationLayer {
  assertNonNegative({ slope });
  return pointwise((x) => tf.leakyRelu(x, slope));
}

/**
 * x Φ(x) = x (1 + erf(x/√2))/2, the exact form. Hendrycks and Gimpel, "Gaussian Error Linear
 * Units", arXiv 1606.08415.
 */
export const gelu = (): ActivationLayer =>
  pointwise((x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.mul(Math.SQRT1_2, x)))));

/** The hyperbolic tangent. */
export const tanh = (): ActivationLayer => pointwise((x) => tf.tanh(x));

/** max(x, 0). */
export const relu = (): ActivationLayer => pointwise((x) => tf.relu(x));

/** 1/(1 + exp(-x)). */
export const sigmoid = (): ActivationLayer => pointwise((x) => tf.sigmoid(x));

/** log(1 + exp(x)). */
export const softplus = (): ActivationLayer => pointwise((x) => tf.softplus(x));

/**
 * x sigmoid(x), also called SiLU. Ramachandran et al., "Searching for Activation Functions", arXiv
 * 1710.05941.
 */
export const swish = (): ActivationLayer => pointwise((x) => tf.mul(x, tf.sigmoid(x)));

const byName = { leakyRelu, gelu, tanh, relu, sigmoid, softplus, swish } as const;

export type ActivationName = keyof typeof byName;

/** The names that {@link activation} takes. */
export const activationNames = Object.keys(byName) as readonly ActivationName[];

/**
 * An activation by name, with its default settings. The default slope of leakyRelu is 0.2.
 *
 * @throws ValidationError for a name that is not in {@link activationNames}.
 */
export function activation(name: ActivationName): ActivationLayer {
  assertOneOf({ activation: name }, activationNames);
  return byName[name]();
}
