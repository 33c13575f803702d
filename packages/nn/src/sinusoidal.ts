/** Sines and cosines of a number at many frequencies: features for functions of time. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, assertPositiveInteger, assertShape, fail } from "@ergodic/tensor";
import { pointwise, type ActivationLayer } from "./activations.js";

export interface SinusoidalOptions {
  /** Features of the output, an even number of at least 4. */
  readonly width: number;
  /** The lowest frequency is 1/`longest`. Default 10,000. */
  readonly longest?: number;
}

/**
 * sin(t f_i) for all i, then cos(t f_i) for all i, with f_i = longest^(-i/(n - 1)), i = 0 .. n - 1
 * and n = width/2.
 *
 * Input `[batch]` of any numeric type, output float32 `[batch, width]`.
 *
 * Sources: Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, section 3.5; sines and
 * cosines side by side as in Ho et al., arXiv 2006.11239.
 *
 * @throws ValidationError when `width` is not an even integer >= 4, `longest` is not positive, or
 *   the input has another shape.
 */
export function sinusoidal({ width, longest = 10_000 }: SinusoidalOptions): ActivationLayer {
  assertPositiveInteger({ width });
  if (width % 2 !== 0 || width < 4) fail(`width is ${width}`, "an even number of at least 4");
  assertPositive({ longest });
  const half = width / 2;
  const frequencies = Array.from({ length: half }, (_, i) => longest ** (-i / (half - 1)));
  return pointwise((time) => {
    assertShape("the input of sinusoidal", time, [null], "pass one number per example");
    const angles = tf.mul(tf.cast(tf.expandDims(time, 1), "float32"), tf.tensor2d(frequencies, [1, half]));
    return tf.concat([tf.sin(angles), tf.cos(angles)], 1);
  });
}
