/** Coupling: one half of the features decides how the other half is changed. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInteger, assertShape, fail, type TensorTree } from "@ergodic/tensor";
import type { Layer } from "@ergodic/nn";
import { sumPerExample, type Bijector, type Transformed } from "./bijector.js";
import type { Elementwise, ElementwiseResult } from "./elementwise.js";

/** A network from the half that stays to the raw parameters of the half that changes. */
export interface Conditioner<P extends TensorTree = TensorTree> extends Layer<P> {
  /** As of a bijector: parameters whose scales suit the batch. */
  calibrate?(params: P, x: tf.Tensor): P;
}

export interface CouplingOptions<P extends TensorTree> {
  /** Size of the last axis, at least 2. */
  readonly features: number;
  readonly transform: Elementwise;
  /** Makes the network for so many inputs and outputs (on the last axis); its outputs are the raw parameters, number by number. */
  readonly network: (inputs: number, outputs: number) => Conditioner<P>;
  /** Whether the second half decides and the first changes, instead of the other way round. Default false. */
  readonly swap?: boolean;
}

/**
 * (a, b) to (a, T(b; NN(a))) with a the first half of the last axis (rounded down) and T elementwise; log|det| = Σ log T'.
 *
 * x `[batch, ..., features]`. Dinh et al., "Density estimation using Real NVP", arXiv 1605.08803, equations 4 to 6.
 *
 * @throws ValidationError for fewer than 2 features, or an x with another last axis.
 */
export function coupling<P extends TensorTree>(options: CouplingOptions<P>): Bijector<P> {
  const { features, transform, network, swap = false } = options;
  assertInteger({ features });
  if (features < 2) fail(`features is ${features}`, "at least 2", "one half must decide about the other");
  const first = Math.floor(features / 2);
  const [deciding, changing] = swap ? [features - first, first] : [first, features - first];
  const conditioner = network(deciding, changing * transform.parameters);

  const halves = (x: tf.Tensor): readonly [tf.Tensor, tf.Tensor] => {
    assertShape("the input of coupling", x, [...x.shape.slice(0, -1), features], "features are the last axis");
    const [a, b] = tf.split(x, [first, features - first], x.rank - 1) as [tf.Tensor, tf.Tensor];
    return swap ? [b, a] : [a, b];
  };
  const applied = (
    params: P,
    x: tf.Tensor,
    change: (b: tf.Tensor, raw: tf.Tensor) => ElementwiseResult,
  ): Transformed => {
    const [a, b] = halves(x);
    const raw = tf.reshape(conditioner.apply(params, a), [...b.shape, transform.parameters]);
    const { value, logDerivative } = change(b, raw);
    const joined = tf.concat(swap ? [value, a] : [a, value], x.rank - 1);
    return { value: joined, logDet: sumPerExample(logDerivative) };
  };
  const { calibrate } = conditioner;
  return {
    init: (key) => conditioner.init(key),
    forward: (params, x) => applied(params, x, transform.forward),
    inverse: (params, z) => applied(params, z, transform.inverse),
    ...(calibrate && { calibrate: (params: P, x: tf.Tensor) => calibrate(params, halves(x)[0]) }),
  };
}
