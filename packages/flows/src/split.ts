/**
 * Multi-scale flows: half of the channels become noise early, and the flow continues on the rest.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInteger, assertPositive, assertPositiveInteger, fail, random, type TensorTree } from "@ergodic/tensor";
import { conv2d, initializers, type AffineParams } from "@ergodic/nn";
import { sumPerExample, transformed, type Bijector } from "./bijector.js";

export interface SplitOptions<P extends TensorTree> {
  /** Height, width and channels of an example. The number of channels is even. */
  readonly shape: readonly [number, number, number];
  /** Bijector of the remaining half: from images with half the channels to vectors. */
  readonly rest: Bijector<P>;
  /** c: the standard deviation of the early half stays in [e^-c, e^c]. Default 2. */
  readonly bound?: number;
}

export type SplitParams<P extends TensorTree> = { readonly gaussian: AffineParams; readonly rest: P };

/**
 * Maps (a, b) to the vector (ε, rest(a)) with ε = (b - m) e^-ℓ.
 *
 * a and b are the first and second half of the channels. (m, ℓ) is a 3x3 convolution of a that
 * starts with zeros.
 * x is `[batch, h, w, c]` and value `[batch, h·w·c]`: first ε in row-major order, then rest(a).
 * Dinh et al., arXiv 1605.08803, section 3.6; Kingma and Dhariwal, arXiv 1807.03039, section 3.
 *
 * @throws ValidationError for sides that are not positive integers, an odd number of channels, or a
 * bound that is not positive.
 */
export function split<P extends TensorTree>({ shape, rest, bound = 2 }: SplitOptions<P>): Bijector<SplitParams<P>> {
  const [height, width, channels] = shape;
  assertPositiveInteger({ height, width });
  assertInteger({ channels });
  assertPositive({ bound });
  if (channels < 2 || channels % 2 !== 0) fail(`channels is ${channels}`, "an even number of channels");
  const half = channels / 2;
  const early = height * width * half;
  const network = conv2d({
    in: half,
    out: channels,
    kernel: 3,
    init: { weight: initializers.zeros, bias: initializers.zeros },
  });
  const gaussian = (params: AffineParams, a: tf.Tensor): readonly [mean: tf.Tensor, logSd: tf.Tensor] => {
    const [mean, raw] = tf.split(network.apply(params, a), 2, 3) as [tf.Tensor, tf.Tensor];
    return [mean, tf.mul(bound, tf.tanh(tf.div(raw, bound)))];
  };
  return {
    init: (key) => ({ gaussian: network.init(random.fold(key, 0)), rest: rest.init(random.fold(key, 1)) }),
    forward(params, x) {
      const [a, b] = tf.split(x, 2, 3) as [tf.Tensor, tf.Tensor];
      const [mean, logSd] = gaussian(params.gaussian, a);
      const noise = tf.mul(tf.sub(b, mean), tf.exp(tf.neg(logSd)));
      const on = rest.forward(params.rest, a);
      const value = tf.concat([tf.reshape(noise, [x.shape[0]!, early]), on.value], 1);
      return transformed(value, () => tf.sub(on.logDet, sumPerExample(logSd)));
    },
    inverse(params, z) {
      const [noise, on] = tf.split(z, [early, z.shape[1]! - early], 1) as [tf.Tensor, tf.Tensor];
      const inside = rest.inverse(params.rest, on);
      const a = inside.value;
      const [mean, logSd] = gaussian(params.gaussian, a);
      const b = tf.add(tf.mul(tf.reshape(noise, mean.shape), tf.exp(logSd)), mean);
      return transformed(tf.concat([a, b], 3), () => tf.add(inside.logDet, sumPerExample(logSd)));
    },
    calibrate(params, x) {
      if (rest.calibrate === undefined) return params;
      return { ...params, rest: rest.calibrate(params.rest, tf.split(x, 2, 3)[0]!) };
    },
    prepared: (params) => ({ ...params, rest: rest.prepared?.(params.rest) ?? params.rest }),
  };
}
