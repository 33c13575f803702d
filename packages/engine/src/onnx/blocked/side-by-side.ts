/**
 * Convolutions with strides of many small images as one wide image.
 *
 * ONNX Runtime computes six columns of a result at once, and the others one by one. Columns that
 * reach over an edge are among the others. Images side by side, with zeros between them, have only
 * two edges.
 */
import { convolve, type Finish } from "./forward.js";
import type { ConvolutionGeometry } from "./geometry.js";
import { blockedShape, cropAxis, declaredShape, paddedTo, type BlockedBuilder } from "./layout.js";

/** With more columns of a result, those at edges are few. */
const MOST_COLUMNS = 8;

/** Multiply-adds for each number moved. Below about half as many, moving takes longer than it saves. */
const FEWEST_PRODUCTS = 300;

/** Columns from one image to the next, a multiple of the stride. Taps reach zeros beyond an image. */
function period({ filter, strides, padding, image, positions }: ConvolutionGeometry): number {
  const [stride, left] = [strides[1], padding[1]];
  const columns = Math.max(left + image[2], (positions[1] - 1) * stride + filter[1] - left);
  return Math.ceil(columns / stride) * stride;
}

/** Whether a convolution of blocked images takes less time side by side. */
export function isFasterSideBySide(of: ConvolutionGeometry, block: number): boolean {
  const { filter, strides, dilations, image, positions } = of;
  const [batch, height, , channels] = image;
  const [rows, columns, , outputs] = filter;
  const [inside, outside] = [paddedTo(block, channels), paddedTo(block, outputs)];
  const products = batch * positions[0] * positions[1] * rows * columns * inside * outside;
  const width = period(of);
  const moved = 2 * batch * width * (height * inside + (positions[0] * outside) / strides[1]);
  const isNarrow = strides[1] > 1 && dilations[1] === 1 && positions[1] <= MOST_COLUMNS;
  return isNarrow && batch > 1 && channels >= block && products >= FEWEST_PRODUCTS * moved;
}

/** `x` is blocked, and so is the result. `weights` are those of the same convolution of each image. */
export function convolveSideBySide(
  target: BlockedBuilder,
  x: string,
  weights: string,
  of: ConvolutionGeometry,
  finish: Omit<Finish, "sum">,
): string {
  const { builder, block } = target;
  const { filter, strides, dilations, padding, image, positions } = of;
  const [top, left, bottom] = padding;
  const [batch, height, width, channels] = image;
  const [kernel, stride, apart] = [filter[1], strides[1], period(of)];
  const rows = builder.transpose(builder.reshape(x, blockedShape(block, image)), [1, 2, 0, 3, 4]);
  const spaced = builder.op("Pad", [rows, builder.ints([0, 0, 0, left, 0, 0, 0, 0, apart - left - width, 0])]);
  const row = convolve(
    target,
    builder.reshape(spaced, declaredShape(block, [1, height, batch * apart, channels])),
    weights,
    { kernel: [filter[0], kernel], strides, dilations, pads: [top, 0, bottom, Math.max(0, kernel - stride)] },
    finish,
  );
  const [down, across] = positions;
  const found = [paddedTo(block, filter[3]) / block, down, batch, apart / stride, block];
  const cropped = cropAxis(builder, builder.reshape(row, found), found, 3, across);
  const images = builder.transpose(cropped, [2, 0, 1, 3, 4]);
  return builder.reshape(images, declaredShape(block, [batch, down, across, filter[3]]));
}
