/** A learned factor for each channel. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger } from "@ergodic/tensor";
import type { Layer } from "./layer.js";
import { assertChannels } from "./normalisation.js";

export type GainParams = { readonly gain: tf.Tensor };

/**
 * y = gain · x for each channel.
 *
 * Input and output are `[batch, ..., channels]`. The parameter `gain` `[channels]` starts as 1.
 *
 * @throws ValidationError when `channels` is not a positive integer or the input has another shape.
 */
export function channelGain({ channels }: { readonly channels: number }): Layer<GainParams> {
  assertPositiveInteger({ channels });
  return {
    init: () => ({ gain: tf.ones([channels]) }),
    apply({ gain }, input) {
      assertChannels("channelGain", input, channels);
      return tf.mul(input, gain);
    },
  };
}
