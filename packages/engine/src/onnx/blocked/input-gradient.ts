/**
 * The transpose of a convolution on the blocked layout: the gradient with respect to its input, and
 * the transposed convolution.
 *
 * Along each axis, pixel y of the result receives dy[(y + p - k) / s] w[k] from every tap k for
 * which the division is exact. All pixels with the same remainder of y / s form a phase. Each phase
 * is an ordinary convolution of dy with every s-th tap.
 */
import { convolve, type Finish } from "./forward.js";
import type { ConvolutionGeometry } from "./geometry.js";
import { declaredShape, type BlockedBuilder } from "./layout.js";
import type { WeightLayout } from "./weights.js";

/** One phase along one axis. */
interface Phase {
  /** Taps in the order of the convolution, last first. */
  readonly taps: readonly number[];
  readonly before: number;
  readonly after: number;
  /** Length of the phase's result, and the index of the phase's first pixel in it. */
  readonly length: number;
  readonly offset: number;
}

export function phaseOf(
  rest: number,
  size: number,
  kernel: number,
  stride: number,
  pad: number,
  positions: number,
): Phase {
  const first = (rest + pad) % stride;
  const taps = Array.from({ length: Math.max(0, Math.ceil((kernel - first) / stride)) }, (_, j) => first + stride * j);
  const shift = Math.floor((rest + pad) / stride);
  const pixels = Math.ceil((size - rest) / stride);
  const [before, after] = [taps.length - 1 - shift, pixels + shift - positions];
  const [padBefore, padAfter] = [Math.max(0, before), Math.max(0, after)];
  return {
    taps: taps.reverse(),
    before: padBefore,
    after: padAfter,
    length: positions + padBefore + padAfter - taps.length + 1,
    offset: padBefore - before,
  };
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The taps of a phase as indices into rows x columns of the filter. */
const tapIndices = (rows: Phase, columns: Phase, width: number): number[] =>
  rows.taps.flatMap((row) => columns.taps.map((column) => row * width + column));

type Taps = NonNullable<WeightLayout["taps"]>;

/**
 * Without strides the transpose is one convolution with the reversed filter, if no pad exceeds the
 * filter.
 */
export const isDirect = ({ filter, strides, dilations, padding }: ConvolutionGeometry): boolean =>
  strides.every((stride) => stride === 1) &&
  padding.every((pad, side) => pad <= (filter[side % 2 === 0 ? 0 : 1] - 1) * dilations[side % 2 === 0 ? 0 : 1]);

/**
 * Whether `transposeConvolution` applies. Dilated taps of a strided convolution do not form phases.
 */
export const hasPhases = (of: ConvolutionGeometry): boolean =>
  isDirect(of) || of.dilations.every((dilation) => dilation === 1);

/**
 * `dy` is blocked, or plain NCHW as for `convolve`; `weights` gives the reversed filter restricted
 * to some taps; the result is blocked.
 */
export function transposeConvolution(
  target: BlockedBuilder,
  dy: string,
  weights: (taps: Taps) => string,
  of: ConvolutionGeometry,
  finish: Finish = {},
): string {
  const { filter, strides, dilations, padding, image, positions } = of;
  const [rows, columns] = filter;
  if (isDirect(of)) {
    const taps = { indices: range(rows * columns).reverse(), rows, columns };
    const reach = [(rows - 1) * dilations[0], (columns - 1) * dilations[1]] as const;
    const pads = padding.map((pad, side) => reach[side % 2 === 0 ? 0 : 1] - pad) as [number, number, number, number];
    return convolve(target, dy, weights(taps), { kernel: [rows, columns], dilations, pads }, finish);
  }
  const phasesOf = (axis: 0 | 1): Phase[] =>
    range(Math.min(strides[axis], image[1 + axis]!)).map((rest) =>
      phaseOf(rest, image[1 + axis]!, filter[axis], strides[axis], padding[axis], positions[axis]),
    );
  return interleave(target, dy, weights, of, phasesOf(0), phasesOf(1), finish);
}

/** Computes every phase and orders their pixels by one gather of rows of B channels. */
function interleave(
  target: BlockedBuilder,
  dy: string,
  weights: (taps: Taps) => string,
  { filter, strides, image }: ConvolutionGeometry,
  rowPhases: readonly Phase[],
  columnPhases: readonly Phase[],
  finish: Finish,
): string {
  const { builder, block } = target;
  const [batch, height, width] = image;
  const [, channels] = declaredShape(block, image);
  const groups = channels! / block;
  const parts: string[] = [];
  const starts: number[][] = [];
  let rows = 0;
  for (const row of rowPhases) {
    starts.push([]);
    for (const column of columnPhases) {
      starts.at(-1)!.push(rows);
      const empty = row.taps.length === 0 || column.taps.length === 0;
      if (empty) continue;
      const phase = convolve(
        target,
        dy,
        weights({
          indices: tapIndices(row, column, filter[1]),
          rows: row.taps.length,
          columns: column.taps.length,
        }),
        {
          kernel: [row.taps.length, column.taps.length],
          pads: [row.before, column.before, row.after, column.after],
        },
        finish,
      );
      const count = groups * row.length * column.length;
      parts.push(builder.reshape(phase, [batch, count, block]));
      rows += count;
    }
  }
  // The last row is zero, for the pixels that no tap reaches.
  const reached = rowPhases.every(({ taps }) => taps.length > 0) && columnPhases.every(({ taps }) => taps.length > 0);
  if (!reached) {
    const zeros = builder.op("Expand", [builder.scalar(0), builder.ints([batch, 1, block])]);
    parts.push(zeros);
  }
  const order = new Array<number>(groups * height * width);
  for (let group = 0, at = 0; group < groups; group++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const row = rowPhases[y % strides[0]]!;
        const column = columnPhases[x % strides[1]]!;
        const [u, v] = [Math.floor(y / strides[0]) + row.offset, Math.floor(x / strides[1]) + column.offset];
        order[at] =
          row.taps.length === 0 || column.taps.length === 0
            ? rows
            : starts[y % strides[0]]![x % strides[1]]! + (group * row.length + u) * column.length + v;
      }
    }
  }
  const joined = parts.length === 1 ? parts[0]! : builder.op("Concat", parts, { axis: 1 });
  const pixels = builder.op("Gather", [joined, builder.ints(order)], { axis: 1 });
  return builder.reshape(pixels, [batch, channels!, height, width]);
}
