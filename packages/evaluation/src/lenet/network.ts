/**
 * A small classifier of handwritten digits, whose features replace Inception's for images of
 * digits.
 */
import { conv2d, dense, type AffineParams } from "@ergodic/nn";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** The network's name in every protocol. A distance in its features is "FD-LeNet" and never FID. */
export const lenetName = "LeNet of MNIST digits";

export const DIGIT_SIDE = 28;
export const DIGIT_FEATURES = 84;
export const DIGIT_CLASSES = 10;

/** Layers in order. Between convolutions the image shrinks 28 -> 24 -> 12 -> 8 -> 4. */
export const lenetLayers = {
  conv1: conv2d({ in: 1, out: 20, kernel: 5, padding: "valid" }),
  conv2: conv2d({ in: 20, out: 50, kernel: 5, padding: "valid" }),
  dense1: dense({ in: 4 * 4 * 50, out: 120 }),
  dense2: dense({ in: 120, out: DIGIT_FEATURES }),
  classifier: dense({ in: DIGIT_FEATURES, out: DIGIT_CLASSES }),
} as const;

export type LenetLayer = keyof typeof lenetLayers;

export const lenetLayerNames = Object.keys(lenetLayers) as readonly LenetLayer[];

/**
 * Parameters by layer: convolutions `weight` `[5, 5, in, out]`, others `[in, out]`; `bias` `[out]`.
 */
export type LenetParams = { readonly [name in LenetLayer]: AffineParams };

export interface LenetOutputs {
  /** `[batch, 84]`, all >= 0: the input of the last layer. */
  readonly features: tf.Tensor2D;
  /** `[batch, 10]` */
  readonly logits: tf.Tensor2D;
}

/** Initial parameters: 132,704 numbers. */
export function initLenet(key: Key): LenetParams {
  const entries = lenetLayerNames.map((name, i) => [name, lenetLayers[name].init(random.fold(key, i))] as const);
  return Object.fromEntries(entries) as LenetParams;
}

/**
 * Two convolutions, each followed by a rectifier and max pooling, and three affine layers.
 *
 * The widths of the last two layers are those of LeNet-5.
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
 * recognition", Proc. IEEE 86 (1998).
 *
 * @param images `[batch, 28, 28, 1]` in [-1, 1], light digits on a dark ground
 */
export function lenet(params: LenetParams, images: tf.Tensor): LenetOutputs {
  const through = (name: LenetLayer, x: tf.Tensor): tf.Tensor => lenetLayers[name].apply(params[name], x);
  const pooled = (x: tf.Tensor): tf.Tensor => tf.maxPool(tf.relu(x) as tf.Tensor4D, 2, 2, "valid");
  const maps = pooled(through("conv2", pooled(through("conv1", images))));
  const flat = tf.reshape(maps, [images.shape[0]!, 4 * 4 * 50]);
  const features = tf.relu(through("dense2", tf.relu(through("dense1", flat))));
  return { features: features as tf.Tensor2D, logits: through("classifier", features) as tf.Tensor2D };
}
