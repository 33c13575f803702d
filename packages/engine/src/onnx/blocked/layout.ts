/**
 * The blocked image layout of ONNX Runtime's fast convolutions.
 *
 * An image tensor [n, h, w, C] is held as [n, C/B, h, w, B] with B channels side by side (B = 16 with AVX-512, 8 with AVX) and is
 * declared to ONNX as [n, C, h, w]. Channels are filled up to a multiple of B with zeros: a convolution whose channels are not such
 * a multiple leaves channels unwritten or ends the process.
 */
import type { OnnxBuilder } from "../builder.js";

/** Where blocked operators are written to, and how many channels lie side by side. */
export interface BlockedBuilder {
  readonly builder: OnnxBuilder;
  readonly block: number;
}

export type ImageShape = readonly [batch: number, height: number, width: number, channels: number];

/** The channel count of the blocked form: the next multiple of the block. */
export const paddedTo = (block: number, channels: number): number => Math.ceil(channels / block) * block;

/** Zeros behind the last entries of `axis`, up to `size`. */
export function padAxis(builder: OnnxBuilder, x: string, shape: readonly number[], axis: number, size: number): string {
  const after = size - shape[axis]!;
  if (after === 0) return x;
  const pads = [...shape.map(() => 0), ...shape.map((_, i) => (i === axis ? after : 0))];
  return builder.op("Pad", [x, builder.ints(pads)]);
}

/** The first `size` entries of `axis`. */
export function cropAxis(
  builder: OnnxBuilder,
  x: string,
  shape: readonly number[],
  axis: number,
  size: number,
): string {
  if (shape[axis] === size) return x;
  return builder.op("Slice", [x, ...[[0], [size], [axis]].map((list) => builder.ints(list))]);
}

/** ReorderInput takes channels in fours. */
const REORDER_UNIT = 4;

/** NHWC to blocked. */
export function toBlocked({ builder, block }: BlockedBuilder, x: string, shape: ImageShape): string {
  const channels = shape[3];
  const padded = channels % REORDER_UNIT === 0 ? x : padAxis(builder, x, shape, 3, paddedTo(block, channels));
  return builder.nchwc("ReorderInput", [padded], { channels_last: 1 });
}

/** Blocked to NHWC, without the channels that were filled up. */
export const fromBlocked = ({ builder }: BlockedBuilder, x: string, shape: ImageShape): string =>
  builder.nchwc("ReorderOutput", [x], { channels: shape[3], channels_last: 1 });

/** The sizes of the blocked memory, [n, C/B, h, w, B]. */
export const blockedShape = (block: number, [n, h, w, c]: ImageShape): number[] => [
  n,
  Math.ceil(c / block),
  h,
  w,
  block,
];

/** The shape under which the blocked form is declared, [n, C, h, w]. */
export const declaredShape = (block: number, [n, h, w, c]: ImageShape): number[] => [n, paddedTo(block, c), h, w];
