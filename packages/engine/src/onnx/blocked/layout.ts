/**
 * The blocked image layout of ONNX Runtime's fast convolutions.
 *
 * An image tensor [n, h, w, C] is stored as [n, C/B, h, w, B], with B channels side by side (B = 16
 * with AVX-512, 8 with AVX). It is declared to ONNX as [n, C, h, w]. Channels are padded with zeros
 * to a multiple of B. Without that, a convolution leaves channels unwritten or crashes the process.
 */
import type { OnnxBuilder } from "../builder.js";

/** The builder that blocked operators are added to, and the number of channels side by side. */
export interface BlockedBuilder {
  readonly builder: OnnxBuilder;
  readonly block: number;
}

export type ImageShape = readonly [batch: number, height: number, width: number, channels: number];

/** The channel count of the blocked form: the next multiple of the block. */
export const paddedTo = (block: number, channels: number): number => Math.ceil(channels / block) * block;

/** Pads `axis` with zeros at the end, up to `size`. */
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

/** ReorderInput processes channels in fours. */
const REORDER_UNIT = 4;

/** NHWC to blocked. */
export function toBlocked({ builder, block }: BlockedBuilder, x: string, shape: ImageShape): string {
  const channels = shape[3];
  const padded = channels % REORDER_UNIT === 0 ? x : padAxis(builder, x, shape, 3, paddedTo(block, channels));
  return builder.nchwc("ReorderInput", [padded], { channels_last: 1 });
}

/** Blocked to NHWC, without the padded channels. */
export const fromBlocked = ({ builder }: BlockedBuilder, x: string, shape: ImageShape): string =>
  builder.nchwc("ReorderOutput", [x], { channels: shape[3], channels_last: 1 });

/** The shape of the blocked memory, [n, C/B, h, w, B]. */
export const blockedShape = (block: number, [n, h, w, c]: ImageShape): number[] => [
  n,
  Math.ceil(c / block),
  h,
  w,
  block,
];

/** The declared shape of the blocked form, [n, C, h, w]. */
export const declaredShape = (block: number, [n, h, w, c]: ImageShape): number[] => [n, paddedTo(block, c), h, w];

/** One number for each channel, [n, 1, 1, c], in the shape of the blocked memory. */
export function blockedChannels({ builder, block }: BlockedBuilder, x: string, [n, , , c]: ImageShape): string {
  const padded = paddedTo(block, c);
  return builder.reshape(padAxis(builder, builder.reshape(x, [n, c]), [n, c], 1, padded), [
    n,
    padded / block,
    1,
    1,
    block,
  ]);
}
