/** Coupling: one half of the features parametrises the map of the other half. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInteger, assertShape, fail, type TensorTree } from "@ergodic/tensor";
import type { Layer } from "@ergodic/nn";
import { sumPerExample, transformed, type Bijector, type Transformed } from "./bijector.js";
import type { Elementwise, ElementwiseResult } from "./elementwise.js";

/** A network from the unchanged half to the raw parameters of the changed half. */
export interface Conditioner<P extends TensorTree = TensorTree> extends Layer<P> {
  /** Parameters with scales that suit the batch, as for a bijector. */
  calibrate?(params: P, x: tf.Tensor): P;
}

export interface CouplingOptions<P extends TensorTree> {
  /** Size of the last axis, at least 2. */
  readonly features: number;
  readonly transform: Elementwise;
  /**
   * Makes the network for the given sizes of the last axis. Its outputs are the raw parameters,
   * grouped by number.
   */
  readonly network: (inputs: number, outputs: number) => Conditioner<P>;
  /**
   * Whether the second half is unchanged and the first changes. Default false: the other way round.
   */
  readonly swap?: boolean;
}

/**
 * Maps (a, b) to (a, T(b; NN(a))), with log|det| = Σ log T'.
 *
 * a is the first half of the last axis, rounded down. T acts elementwise. x is `[batch, ...,
 * features]`.
 * Dinh et al., "Density estimation using Real NVP", arXiv 1605.08803, equations 4 to 6.
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
    return transformed(joined, () => sumPerExample(logDerivative));
  };
  const { calibrate } = conditioner;
  return {
    init: (key) => conditioner.init(key),
    forward: (params, x) => applied(params, x, transform.forward),
    inverse: (params, z) => applied(params, z, transform.inverse),
    ...(calibrate && { calibrate: (params: P, x: tf.Tensor) => calibrate(params, halves(x)[0]) }),
  };
}
