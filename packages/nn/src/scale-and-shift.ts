/**
 * Scales and shifts the channels of an image by a second input, such as the embedding of a time.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, assertShape } from "@ergodic/tensor";
import type { Conditioned } from "./conditioned-residual.js";
import { dense } from "./dense.js";
import { zeros, type AffineInit } from "./initializers.js";
import type { AffineParams, Layer } from "./layer.js";
import { assertChannels } from "./normalisation.js";

export interface ScaleAndShiftOptions {
  /** Size of the last axis of the image. */
  readonly channels: number;
  /** Features of the condition. */
  readonly features: number;
  /**
   * Initialisers of the map from the condition. Default: zeros, so that the layer starts as the
   * identity.
   */
  readonly init?: AffineInit;
}

/**
 * y = (1 + s(c)) x + t(c) for each channel, where s(c) and t(c) are the halves of one affine map of
 * c.
 *
 * Image `[batch, ..., channels]`, condition `[batch, features]`, output like the image.
 *
 * Sources: Perez et al., "FiLM", arXiv 1709.07871; after group normalisation it is the conditioning
 * of Dhariwal and Nichol, arXiv 2105.05233.
 *
 * @throws ValidationError when a size is not a positive integer, or an input has another shape.
 */
export function scaleAndShift({
  channels,
  features,
  init = { weight: zeros, bias: zeros },
}: ScaleAndShiftOptions): Layer<AffineParams, Conditioned> {
  assertPositiveInteger({ channels, features });
  const map = dense({ in: features, out: 2 * channels, init });
  return {
    init: (key) => map.init(key),
    apply(params, { image, condition }) {
      assertChannels("scaleAndShift", image, channels);
      const batch = image.shape[0]!;
      assertShape("the condition of scaleAndShift", condition, [batch, features], "pass one vector per example");
      const inside = image.shape.slice(1, -1).map(() => 1);
      const [scale, shift] = tf
        .split(map.apply(params, condition), 2, 1)
        .map((part) => tf.reshape(part, [batch, ...inside, channels]));
      return tf.add(tf.mul(image, tf.add(1, scale!)), shift!);
    },
  };
}
