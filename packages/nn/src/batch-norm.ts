/** Batch normalisation. Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { assertInRange } from "@ergodic/tensor";
import type { Layer } from "./layer.js";
import {
  assertChannels,
  assertSeveral,
  momentsAlong,
  normalisedChannels,
  normInit,
  type Moments,
  type NormOptions,
  type NormParams,
} from "./normalisation.js";

export interface BatchNormOptions extends NormOptions {
  /**
   * The share of the running statistics that a `refresh` keeps, in [0, 1). Default 0.9, which is
   * PyTorch's momentum of 0.1.
   */
  readonly memory?: number;
}

/** The fixed members are the running statistics, `[channels]` each. */
export type BatchNormParams = NormParams & {
  readonly $fixed: { readonly mean: tf.Tensor; readonly variance: tf.Tensor };
};

/**
 * Batch normalisation: y = scale (x - m)/sqrt(v + ε) + offset for each channel.
 *
 * - While learning, m and v are the mean and variance over the batch and all positions.
 * - In evaluation they are the running statistics, which start as 0 and 1.
 * - `refresh` updates these: r ← memory · r + (1 - memory) · statistic of the batch. The variance
 *   has Bessel's correction.
 *
 * Input and output are `[batch, ..., channels]`, the parameters `scale` and `offset` are
 * `[channels]`. The layer is PyTorch's `nn.BatchNorm2d`.
 *
 * @throws ValidationError for options out of range, an input of another shape, or a single value
 *   per channel while learning.
 */
export function batchNorm(options: BatchNormOptions): Layer<BatchNormParams> {
  const { channels, epsilon = 1e-5, memory = 0.9 } = options;
  const init = normInit(options);
  assertInRange({ memory }, { min: 0, max: 1, maxOpen: true });
  const momentsOfBatch = (input: tf.Tensor): Moments => {
    assertSeveral("batchNorm", input.size / channels, "channel");
    return momentsAlong(
      input,
      input.shape.slice(0, -1).map((_, axis) => axis),
    );
  };
  return {
    init: (key) => ({ ...init(key), $fixed: { mean: tf.zeros([channels]), variance: tf.ones([channels]) } }),
    apply({ $fixed, ...params }, input, learning) {
      assertChannels("batchNorm", input, channels);
      const moments = learning === undefined ? $fixed : momentsOfBatch(input);
      return normalisedChannels(input, moments, params, epsilon);
    },
    refresh: (params, input) =>
      tidy(() => {
        assertChannels("batchNorm", input, channels);
        const { mean, variance } = momentsOfBatch(input);
        const count = input.size / channels;
        const moved = (old: tf.Tensor, fresh: tf.Tensor): tf.Tensor =>
          tf.add(tf.mul(memory, old), tf.mul(1 - memory, tf.reshape(fresh, [channels])));
        return {
          ...params,
          $fixed: {
            mean: moved(params.$fixed.mean, mean),
            variance: moved(params.$fixed.variance, tf.mul(variance, count / (count - 1))),
          },
        };
      }),
  };
}
