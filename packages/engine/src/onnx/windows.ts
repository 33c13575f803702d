/**
 * Helpers of the lowerings of sliding windows. TensorFlow.js has channels last, ONNX has them
 * first.
 */
import type { WindowAxis } from "../recorder/geometry.js";
import type { OnnxBuilder } from "./builder.js";

const inner = (rank: number): number[] => Array.from({ length: rank - 2 }, (_, i) => i + 1);

/** [batch, ...space, channels] to [batch, channels, ...space]. */
export const channelsFirst = (builder: OnnxBuilder, x: string, rank: number): string =>
  builder.transpose(x, [0, rank - 1, ...inner(rank)]);

/** [batch, channels, ...space] to [batch, ...space, channels]. */
export const channelsLast = (builder: OnnxBuilder, x: string, rank: number): string =>
  builder.transpose(x, [0, ...inner(rank).map((axis) => axis + 1), 1]);

const onlySkipped = (axes: readonly WindowAxis[], sign: 1 | -1): number[] => [
  0,
  0,
  ...axes.map(({ skipped }) => sign * skipped),
  ...[0, 0, ...axes].map(() => 0),
];

/** Drops the first entries of [batch, channels, ...space] if no window reaches them. */
export const withoutSkipped = (builder: OnnxBuilder, x: string, axes: readonly WindowAxis[]): string =>
  axes.every(({ skipped }) => skipped === 0) ? x : builder.op("Pad", [x, builder.ints(onlySkipped(axes, -1))]);

/**
 * [batch, channels, ...space] with explicit padding, and the axes of windows on it.
 *
 * It does not use Pad, because ONNX Runtime would fuse it with the pooling again.
 */
export function padded(
  builder: OnnxBuilder,
  x: string,
  [batch, channels]: readonly [batch: number, channels: number],
  axes: readonly WindowAxis[],
  value: number,
): [image: string, axes: WindowAxis[]] {
  const whole = axes.map((axis) => ({ ...axis, size: axis.before + axis.size + axis.after, before: 0, after: 0 }));
  let image = x;
  axes.forEach(({ before, after }, i) => {
    const edge = (size: number): string[] => {
      const shape = [batch, channels, ...axes.map(({ size }, k) => (k < i ? whole[k]!.size : size))];
      shape[i + 2] = size;
      return size === 0 ? [] : [builder.op("Expand", [builder.scalar(value), builder.ints(shape)])];
    };
    const parts = [...edge(before), image, ...edge(after)];
    if (parts.length > 1) image = builder.op("Concat", parts, { axis: i + 2 });
  });
  return [image, whole];
}

/** Removes the padding. */
export const withoutPadding = (builder: OnnxBuilder, x: string, axes: readonly WindowAxis[]): string => {
  const ends = [...axes.map(({ before }) => -before), 0, 0, ...axes.map(({ after }) => -after)];
  return builder.op("Pad", [x, builder.ints([0, 0, ...ends])]);
};

/** Restores zeros where `withoutSkipped` dropped entries. */
export const withSkipped = (builder: OnnxBuilder, x: string, axes: readonly WindowAxis[]): string =>
  axes.every(({ skipped }) => skipped === 0) ? x : builder.op("Pad", [x, builder.ints(onlySkipped(axes, 1))]);

/** Strides and paddings in ONNX's format. */
export const windowAttributes = (axes: readonly WindowAxis[]) => ({
  strides: axes.map(({ stride }) => stride),
  pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
});

export const dilationsOf = (axes: readonly WindowAxis[]) => ({ dilations: axes.map(({ dilation }) => dilation) });

/** Extends a transposed convolution to the entries that no window reached. */
export const outputPaddingOf = (axes: readonly WindowAxis[]) => ({ output_padding: axes.map(({ rest }) => rest) });
