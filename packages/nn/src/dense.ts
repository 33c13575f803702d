/** The affine layer, and fresh parameters for every kind of affine layer, convolutions included. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, assertShape, random, type Key } from "@ergodic/tensor";
import { uniformFanIn, type AffineInit, type InitializerShape } from "./initializers.js";
import type { AffineLayer, AffineParams } from "./layer.js";

/**
 * Weight and bias of an affine layer with `out` outputs. Each is drawn from a key of its own, the
 * weight first.
 */
export function initAffine(key: Key, weight: InitializerShape, out: number, init: AffineInit = {}): AffineParams {
  const [weightKey, biasKey] = [random.fold(key, 0), random.fold(key, 1)];
  return {
    weight: (init.weight ?? uniformFanIn)(weightKey, weight),
    bias: (init.bias ?? uniformFanIn)(biasKey, { ...weight, shape: [out] }),
  };
}

export interface DenseOptions {
  /** Features of the input. */
  readonly in: number;
  /** Features of the output. */
  readonly out: number;
  readonly init?: AffineInit;
}

/**
 * y = x W + b.
 *
 * Input `[batch, in]`, output `[batch, out]`. Parameters `weight` `[in, out]` and `bias` `[out]`.
 * Fan-in is `in`.
 *
 * @throws ValidationError when a size is not a positive integer or the input has another shape.
 */
export function dense({ in: features, out, init }: DenseOptions): AffineLayer {
  assertPositiveInteger({ in: features, out });
  return {
    outputAxis: 1,
    init: (key) => initAffine(key, { shape: [features, out], fanIn: features, fanOut: out }, out, init),
    apply: ({ weight, bias }, input) => {
      assertShape("the input of dense", input, [null, features], `this layer was made with in: ${features}`);
      return tf.add(tf.matMul(input, weight), bias);
    },
  };
}
