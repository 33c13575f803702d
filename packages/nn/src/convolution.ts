/**
 * 2-D convolution of NHWC images with the padding arithmetic of PyTorch.
 *
 * Numeric padding is symmetric. TensorFlow's "same" is used where it pads alike. Elsewhere the
 * image is padded first and convolved with "valid", because native TensorFlow has no other padding.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegativeInteger, assertOneOf, assertPositiveInteger, assertShape, fail } from "@ergodic/tensor";
import { initAffine } from "./dense.js";
import type { AffineInit } from "./initializers.js";
import { groupedConv2d } from "./grouped-convolution.js";
import type { AffineLayer } from "./layer.js";

export interface Conv2dOptions {
  /** Channels of the input. */
  readonly in: number;
  /** Channels of the output. */
  readonly out: number;
  /** Side of the square kernel. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /**
   * "same" and "valid" as in TensorFlow, or the number of zeros added on each side, as in PyTorch.
   * Default "same".
   */
  readonly padding?: "same" | "valid" | number;
  /**
   * Number of groups of channels: each output depends on the inputs of its group alone. A divisor
   * of `in` and `out`. Default 1.
   */
  readonly groups?: number;
  readonly init?: AffineInit;
}

/**
 * The cross-correlation that deep learning calls convolution:
 *   y[i, j, o] = bias[o] + sum over (u, v, c) of x[i s - p + u, j s - p + v, c] W[u, v, c, o].
 *
 * - Input `[batch, height, width, in]`.
 * - Output `[batch, h, w, out]`, with h = floor((height + 2p - k)/s) + 1 for numeric padding p.
 * - Parameters `weight` `[k, k, in/groups, out]` and `bias` `[out]`.
 * - Fan-in is in/groups·k², fan-out is out/groups·k².
 * - With g groups, output channel o depends on the in/g input channels of group floor(o g/out), as
 *   in PyTorch.
 *
 * @throws ValidationError when an option is not a positive integer (padding may be 0), `groups`
 *   does not divide both channel counts, the input has another shape, or the padded image is
 *   smaller than the kernel.
 */
export function conv2d(options: Conv2dOptions): AffineLayer {
  const { in: channels, out, kernel, stride = 1, padding = "same", groups = 1, init } = options;
  assertPositiveInteger({ in: channels, out, kernel, stride, groups });
  if (channels % groups !== 0 || out % groups !== 0) {
    fail(
      `groups is ${groups} for ${channels} input and ${out} output channels`,
      "a divisor of both numbers of channels",
    );
  }
  if (typeof padding === "number") assertNonNegativeInteger({ padding });
  else assertOneOf({ padding }, ["same", "valid"]);
  const area = kernel * kernel;
  return {
    outputAxis: 3,
    init: (key) => {
      const seen = channels / groups;
      const weight = { shape: [kernel, kernel, seen, out], fanIn: seen * area, fanOut: (out / groups) * area };
      return initAffine(key, weight, out, init);
    },
    apply: ({ weight, bias }, input) => {
      assertShape(
        "the input of conv2d",
        input,
        [null, null, null, channels],
        "images are [batch, height, width, channels]",
      );
      const [height, width] = [input.shape[1]!, input.shape[2]!];
      const border = padding === "same" ? Infinity : padding === "valid" ? 0 : padding;
      if (Math.min(height, width) + 2 * border < kernel) {
        fail(
          `the input of conv2d is an image of ${height}x${width} with padding ${padding}`,
          `sides of at least ${kernel - 2 * border} for the ${kernel}x${kernel} kernel`,
          "use a smaller kernel, more padding or a larger image",
        );
      }
      const convolved = groupedConv2d(input as tf.Tensor4D, weight as tf.Tensor4D, {
        ...{ stride, groups },
        padding:
          typeof padding === "string"
            ? padding
            : [
                [0, 0],
                [border, border],
                [border, border],
                [0, 0],
              ],
      });
      return tf.add(convolved, bias);
    },
  };
}
