/**
 * Transposed 2-D convolution of NHWC images with the padding arithmetic of PyTorch.
 *
 * The output side is (in - 1)s - 2p + k, or in s with "same". Three forms give the same numbers,
 * and the cheapest one that applies is used:
 * - one matrix product for 1x1 images,
 * - TensorFlow's "same" where its padding is p on both sides,
 * - else the full result ("valid"), with p rows and columns cut off on each side.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegativeInteger, assertPositiveInteger, assertShape, fail } from "@ergodic/tensor";
import { initAffine } from "./dense.js";
import type { AffineInit } from "./initializers.js";
import type { AffineLayer } from "./layer.js";

export interface ConvTranspose2dOptions {
  /** Channels of the input. */
  readonly in: number;
  /** Channels of the output. */
  readonly out: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /**
   * Rows and columns taken off each side of the full result, as in PyTorch; or "same", for an
   * output of `stride` times the input's sides, as in TensorFlow. Default 0.
   */
  readonly padding?: number | "same";
  readonly init?: AffineInit;
}

/** The output side of a transposed convolution: (size - 1) stride - 2 padding + kernel. */
export const transposedSide = (size: number, kernel: number, stride: number, padding: number): number =>
  (size - 1) * stride - 2 * padding + kernel;

function transpose(
  image: tf.Tensor4D,
  weight: tf.Tensor4D,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number | "same" },
): tf.Tensor {
  const [batch, height, width, channels] = image.shape;
  const out = weight.shape[2];
  if (padding === "same")
    return tf.conv2dTranspose(image, weight, [batch, stride * height, stride * width, out], stride, "same");
  if (height === 1 && width === 1 && padding === 0) {
    const columns = tf.reshape(weight, [kernel * kernel * out, channels]);
    const product = tf.matMul(tf.reshape(image, [batch, channels]), columns, false, true);
    return tf.reshape(product, [batch, kernel, kernel, out]);
  }
  const side = (size: number, p: number): number => transposedSide(size, kernel, stride, p);
  const result = (p: number, how: "same" | "valid"): tf.Tensor4D =>
    tf.conv2dTranspose(image, weight, [batch, side(height, p), side(width, p), out], stride, how);
  // A convolution with "same" maps side H = (in - 1)s + k - 2p to ceil(H/s). That is `in` exactly
  // when 1 <= k - 2p <= s.
  const overlap = kernel - 2 * padding;
  if (padding > 0 && overlap >= 1 && overlap <= stride) return result(padding, "same");
  const full = result(0, "valid");
  if (padding === 0) return full;
  return tf.slice4d(full, [0, padding, padding, 0], [batch, side(height, padding), side(width, padding), out]);
}

/**
 * The transpose (adjoint) of the convolution with the same kernel, stride and padding, plus a bias:
 *   y[i s - p + u, j s - p + v, o] += x[i, j, c] W[u, v, o, c].
 *
 * - Input `[batch, height, width, in]`, output `[batch, (height-1)s-2p+k, (width-1)s-2p+k, out]`.
 *   With "same" it is `[batch, s height, s width, out]`, and the surplus row and column are taken
 *   off the end, as of `conv2d` with "same".
 * - Parameters `weight` `[k, k, out, in]` and `bias` `[out]`.
 * - Fan-in is out·k² and fan-out is in·k², as in PyTorch.
 *
 * @throws ValidationError when an option is not a positive integer (padding may be 0), the input
 *   has another shape, or the padding leaves no output.
 */
export function convTranspose2d(options: ConvTranspose2dOptions): AffineLayer {
  const { in: channels, out, kernel, stride = 1, padding = 0, init } = options;
  assertPositiveInteger({ in: channels, out, kernel, stride });
  if (padding !== "same") assertNonNegativeInteger({ padding });
  if (padding === "same" && kernel < stride)
    fail(`kernel is ${kernel} with a stride of ${stride}`, "at least the stride for the padding same");
  const area = kernel * kernel;
  return {
    outputAxis: 2,
    init: (key) => {
      const weight = { shape: [kernel, kernel, out, channels], fanIn: out * area, fanOut: channels * area };
      return initAffine(key, weight, out, init);
    },
    apply: ({ weight, bias }, input) => {
      assertShape(
        "the input of convTranspose2d",
        input,
        [null, null, null, channels],
        "images are [batch, height, width, channels]",
      );
      const side = Math.min(input.shape[1]!, input.shape[2]!);
      const smallest = padding === "same" ? stride * side : transposedSide(side, kernel, stride, padding);
      if (smallest < 1) {
        fail(
          `the input of convTranspose2d is an image of ${input.shape[1]}x${input.shape[2]}, which gives an output side of ${smallest}`,
          "an output side of at least 1",
          "the side is (in - 1) stride - 2 padding + kernel: use less padding or a larger kernel",
        );
      }
      const result = transpose(input as tf.Tensor4D, weight as tf.Tensor4D, { kernel, stride, padding });
      return tf.add(result, bias);
    },
  };
}
