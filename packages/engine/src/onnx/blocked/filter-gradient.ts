/**
 * The gradient of a convolution with respect to its filter, computed as a convolution whose
 * channels are images.
 *
 *   dW[k, c, o] = Σ over images n and positions y of x[n, s y + d k - p, c] dy[n, y, o]
 *
 * - The image dy is the filter. The stride becomes its dilation.
 * - The convolution's sum over input channels is the sum over images.
 * - The channels c of x lie along its last axis. Dilation in steps of whole pixels separates them.
 * - One convolution sums fewer images than a block, because more would have to be blocked. The
 *   result of each group is the `sum` of the next one.
 */
import { convolve } from "./forward.js";
import type { ConvolutionGeometry } from "./geometry.js";
import { cropAxis, paddedTo, type BlockedBuilder } from "./layout.js";

/** The image groups: as few as possible, of nearly equal size, each below the block. */
export function imageGroups(images: number, block: number): { start: number; size: number }[] {
  const size = Math.ceil(images / Math.ceil(images / (block - 1)));
  return Array.from({ length: Math.ceil(images / size) }, (_, i) => ({
    start: i * size,
    size: Math.min(size, images - i * size),
  }));
}

/**
 * `x` is blocked, or plain NHWC with fewer channels than a block; `dy` is blocked; the result is
 * HWIO.
 */
export function filterGradient(target: BlockedBuilder, x: string, dy: string, of: ConvolutionGeometry): string {
  const { builder, block } = target;
  const { filter, strides, dilations, padding, image, positions } = of;
  const [rows, columns, inputs, outputs] = filter;
  const [batch, height, width] = image;
  const lanes = Math.min(inputs, block);
  const inputGroups = Math.ceil(inputs / lanes);
  const outputGroups = paddedTo(block, outputs) / block;
  const reach = [(rows - 1) * dilations[0], (columns - 1) * dilations[1]] as const;
  // The number of rows and columns that some tap reads. A negative pad crops the others.
  const used = [0, 1].map((axis) => strides[axis]! * (positions[axis]! - 1) + reach[axis]! + 1) as [number, number];
  // If windows lie in the padding alone, the gradient is zero.
  if (used[0] <= padding[0] || used[1] <= padding[1]) {
    return builder.op("Expand", [builder.scalar(0), builder.ints(filter)]);
  }
  const [bottom, right] = [used[0] - height - padding[0], used[1] - width - padding[1]];

  // Columns are padded explicitly, because the convolution's own pads would count single channels.
  const planes = [batch * inputGroups, height, width * lanes];
  const edges = [0, 0, padding[1] * lanes, 0, Math.min(0, bottom), right * lanes];
  let images = builder.reshape(x, planes);
  if (edges.some((edge) => edge !== 0)) images = builder.op("Pad", [images, builder.ints(edges)]);
  const imageRows = height + Math.min(0, bottom);
  const pixels = imageRows * used[1] * lanes;
  const area = positions[0] * positions[1];

  const perImage = (value: string, groups: number, size: number): string =>
    builder.reshape(value, [batch * groups, size]);
  const [xRows, dyRows] = [perImage(images, inputGroups, pixels), perImage(dy, outputGroups, area * block)];
  /** The rows of images start .. start + size - 1, group by group. */
  const pick = (value: string, groups: number, { start, size }: { start: number; size: number }): string => {
    if (start === 0 && size === batch && groups === 1) return value;
    if (groups === 1) {
      return builder.op("Slice", [value, ...[[start], [start + size], [0]].map((list) => builder.ints(list))]);
    }
    const indices = Array.from(
      { length: groups * size },
      (_, i) => (start + (i % size)) * groups + Math.floor(i / size),
    );
    return builder.op("Gather", [value, builder.ints(indices)], { axis: 0 });
  };
  let sum: string | undefined;
  for (const group of imageGroups(batch, block)) {
    sum = convolve(
      target,
      builder.reshape(pick(xRows, inputGroups, group), [inputGroups, group.size, imageRows, used[1] * lanes]),
      builder.reshape(pick(dyRows, outputGroups, group), [outputGroups * block, group.size, ...positions]),
      {
        kernel: positions,
        strides: [dilations[0], 1],
        dilations: [strides[0], strides[1] * lanes],
        pads: [padding[0], 0, Math.max(0, bottom), 0],
      },
      { sum },
    );
  }
  // [in groups, out groups, rows, every column offset, lanes, B]
  const offsets = reach[1] + 1;
  let result = builder.reshape(sum!, [inputGroups, outputGroups, rows, offsets, lanes, block]);
  if (offsets !== columns) {
    const lists = [[0], [offsets], [3], [dilations[1]]];
    result = builder.op("Slice", [result, ...lists.map((list) => builder.ints(list))]);
  }
  const padded = [rows, columns, inputGroups * lanes, outputGroups * block];
  const hwio = builder.reshape(builder.transpose(result, [2, 3, 0, 4, 1, 5]), padded);
  return cropAxis(
    builder,
    cropAxis(builder, hwio, padded, 2, inputs),
    [...padded.slice(0, 2), inputs, padded[3]!],
    3,
    outputs,
  );
}
