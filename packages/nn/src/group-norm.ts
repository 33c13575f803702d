/**
 * Group and instance normalisation. Each example is normalised by itself, alike while learning and
 * in evaluation.
 *
 * Sources: Wu and He, "Group Normalization", arXiv 1803.08494; Ulyanov, Vedaldi and Lempitsky,
 * "Instance Normalization", arXiv 1607.08022.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import type { Layer } from "./layer.js";
import {
  assertChannels,
  assertSeveral,
  momentsAlong,
  normalisedChannels,
  normInit,
  type NormOptions,
  type NormParams,
} from "./normalisation.js";

export interface GroupNormOptions extends NormOptions {
  /** Number of groups of neighbouring channels. A divisor of `channels`. */
  readonly groups: number;
}

/**
 * Group normalisation: y = scale (x - m)/sqrt(v + ε) + offset, with the mean m and the variance v
 * over all positions and channels of the group that x belongs to, in its example.
 *
 * Input and output are `[batch, ..., channels]`, the parameters `scale` and `offset` are
 * `[channels]`. The layer is PyTorch's `nn.GroupNorm`.
 *
 * @throws ValidationError for options out of range, `groups` that do not divide the channels, an
 *   input of another shape, or one with a single value per group.
 */
export function groupNorm(options: GroupNormOptions): Layer<NormParams> {
  const { channels, groups, epsilon = 1e-5 } = options;
  const init = normInit(options);
  assertPositiveInteger({ groups });
  if (channels % groups !== 0) fail(`groups is ${groups} for ${channels} channels`, "a divisor of the channels");
  return {
    init,
    apply(params, input) {
      assertChannels("groupNorm", input, channels);
      const inside = input.shape.slice(1, -1);
      const positions = inside.reduce((product, size) => product * size, 1);
      const members = channels / groups;
      assertSeveral("groupNorm", positions * members, "group");
      // Images meet moments of each channel only: a shape of groups would change their layout.
      const axes = inside.map((_, i) => i + 1);
      const overGroup = (perChannel: tf.Tensor): tf.Tensor => {
        const grouped = tf.reshape(perChannel, [input.shape[0]!, groups, members]);
        return tf.reshape(tf.tile(tf.mean(grouped, 2, true), [1, 1, members]), perChannel.shape);
      };
      const mean = overGroup(tf.mean(input, axes, true));
      const variance = overGroup(tf.mean(tf.square(tf.sub(input, mean)), axes, true));
      return normalisedChannels(input, { mean, variance }, params, epsilon);
    },
  };
}

/**
 * Instance normalisation: {@link groupNorm} with one channel per group.
 *
 * Input and output are `[batch, ..., channels]`, the parameters `scale` and `offset` are
 * `[channels]`. The layer is PyTorch's `nn.InstanceNorm2d` with `affine`.
 *
 * @throws ValidationError for options out of range, an input of another shape, or one with a single
 *   position.
 */
export function instanceNorm(options: NormOptions): Layer<NormParams> {
  const { channels, epsilon = 1e-5 } = options;
  return {
    init: normInit(options),
    apply(params, input) {
      assertChannels("instanceNorm", input, channels);
      // Sums along the axes of the image: unlike the shape of groups, they keep its layout.
      const axes = input.shape.slice(1, -1).map((_, i) => i + 1);
      assertSeveral(
        "instanceNorm",
        axes.reduce((product, axis) => product * input.shape[axis]!, 1),
        "channel",
      );
      return normalisedChannels(input, momentsAlong(input, axes), params, epsilon);
    },
  };
}
