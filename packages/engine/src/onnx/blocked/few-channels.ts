/**
 * The transpose of a convolution whose result has fewer channels than a block, such as the gradient
 * with respect to an image.
 *
 * One 1 x 1 convolution computes the contribution of every position to every tap. Col2Im sums
 * these.
 */
import { convolve } from "./forward.js";
import type { ConvolutionGeometry } from "./geometry.js";
import type { BlockedBuilder } from "./layout.js";
import { blockWeights } from "./weights.js";

/** `dy` is blocked, or plain NCHW as for `convolve`; `filter` is HWIO; the result is NCHW. */
export function transposeToFewChannels(
  target: BlockedBuilder,
  dy: string,
  filter: string,
  { filter: [rows, columns, inputs, outputs], strides, dilations, padding, image, positions }: ConvolutionGeometry,
): string {
  const { builder } = target;
  const [batch, height, width] = image;
  const given = rows * columns * inputs;
  // [taps, in, out] -> [out, (in, taps)], the order of Col2Im.
  const byPosition = builder.reshape(
    builder.transpose(builder.reshape(filter, [rows * columns, inputs, outputs]), [2, 1, 0]),
    [1, 1, outputs, given],
  );
  const weights = blockWeights(target, byPosition, { filter: [1, 1, outputs, given] });
  const blocked = convolve(target, dy, weights, { kernel: [1, 1], pads: [0, 0, 0, 0] });
  const columnsOf = builder.reshape(builder.nchwc("ReorderOutput", [blocked], { channels: given }), [
    batch,
    given,
    positions[0] * positions[1],
  ]);
  return builder.op("Col2Im", [columnsOf, builder.ints([height, width]), builder.ints([rows, columns])], {
    strides,
    dilations,
    pads: padding,
  });
}
