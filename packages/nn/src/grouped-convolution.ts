/** Grouped convolution. The ordinary and the depthwise convolution are its two extremes. */
import * as tf from "@tensorflow/tfjs-core";

type Zeros = [before: number, after: number];

interface Geometry {
  readonly stride: number;
  /** As in TensorFlow, or the zeros around each axis. */
  readonly padding: "same" | "valid" | [Zeros, Zeros, Zeros, Zeros];
  readonly groups: number;
}

/**
 * Convolves images `[batch, height, width, in]` with a filter `[k, k, in/groups, out]`. Output
 * channels are in the order of the groups.
 */
export function groupedConv2d(x: tf.Tensor4D, filter: tf.Tensor4D, { stride, padding, groups }: Geometry): tf.Tensor {
  if (groups === 1) return tf.conv2d(x, filter, stride, padding);
  const [height, width, seen, out] = filter.shape;
  if (seen === 1) {
    const depthwise: tf.Tensor4D = tf.reshape(filter, [height, width, groups, out / groups]);
    return tf.depthwiseConv2d(x, depthwise, stride, padding);
  }
  const filters = tf.split(filter, groups, 3);
  return tf.concat(
    tf
      .split(x, groups, 3)
      .map((part, i) => tf.conv2d(part as tf.Tensor4D, filters[i]! as tf.Tensor4D, stride, padding)),
    3,
  );
}
