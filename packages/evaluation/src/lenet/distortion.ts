/** Small random changes of place, size and slant of handwritten digits. */
import { assertNonNegative, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface Distortion {
  /** Maximum relative change of the sides, independent for each axis. */
  readonly stretch: number;
  /** Maximum shift in pixels along each axis. */
  readonly shift: number;
  /** Maximum sideways shift in pixels per pixel of height. */
  readonly slant: number;
}

/**
 * Applies to each image its own affine map, `y' = s y + t`, `x' = s' x + t' + h y` measured from
 * the centre.
 *
 * All five numbers are uniform. Pixels are interpolated linearly. Pixels outside the image are
 * black (-1).
 * Source: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to
 * visual document analysis" (2003).
 *
 * @param images `[batch, side, side, 1]` in [-1, 1]
 * @throws ValidationError for a negative size of change
 */
export function distorted(images: tf.Tensor, key: Key, { stretch, shift, slant }: Distortion): tf.Tensor {
  assertNonNegative({ stretch, shift, slant });
  const [batch, side] = images.shape as [number, number];
  const upTo = (part: number, bound: number): tf.Tensor =>
    bound === 0
      ? tf.zeros([batch, 1])
      : random.uniform(random.fold(key, part), [batch, 1], { low: -bound, high: bound });
  const fromCentre = tf.reshape(tf.linspace(-(side - 1) / 2, (side - 1) / 2, side), [1, side]);
  const moved = (part: number): tf.Tensor =>
    tf.add(tf.mul(tf.add(1, upTo(part, stretch)), fromCentre), upTo(part + 1, shift));
  /**
   * `max(0, 1 - |place - k|)` for each pixel k: linear interpolation at that place as a product
   * with the pixels.
   */
  const weights = (place: tf.Tensor): tf.Tensor =>
    tf.relu(tf.sub(1, tf.abs(tf.sub(tf.expandDims(place, -1), tf.reshape(fromCentre, [side])))));
  const ink = tf.reshape(tf.add(images, 1), [batch, side, side]);
  const rows = tf.matMul(weights(moved(0)), ink);
  const places = tf.add(tf.expandDims(moved(2), 1), tf.expandDims(tf.mul(upTo(4, slant), fromCentre), 2));
  const pixels = tf.matMul(weights(places), tf.expandDims(rows, 3));
  return tf.sub(tf.reshape(pixels, images.shape), 1);
}
