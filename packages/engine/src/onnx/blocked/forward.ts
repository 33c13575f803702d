/** Convolution on the blocked layout, fused with the operations that follow it in a network. */
import type { OnnxAttribute } from "../builder.js";
import type { BlockedBuilder } from "./layout.js";

/** Applied to each result before it is stored: activation(conv + bias + sum). */
export interface Finish {
  /** One number per output channel, padded with zeros. */
  readonly bias?: string | undefined;
  /** A blocked tensor of the result's shape. */
  readonly sum?: string | undefined;
  readonly activation?: { readonly name: string; readonly params: readonly number[] } | undefined;
}

export interface Window {
  readonly kernel: readonly [rows: number, columns: number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** top, left, bottom, right; not negative. */
  readonly pads: readonly [number, number, number, number];
}

/**
 * `x` is blocked, or plain NCHW with fewer channels than a block; `weights` come from
 * `blockWeights`; the result is blocked.
 */
export function convolve(
  { builder }: BlockedBuilder,
  x: string,
  weights: string,
  { kernel, strides = [1, 1], dilations = [1, 1], pads }: Window,
  { bias, sum, activation }: Finish = {},
): string {
  const inputs = [x, weights, ...(bias === undefined && sum === undefined ? [] : [bias ?? ""])];
  if (sum !== undefined) inputs.push(sum);
  const attributes: Record<string, OnnxAttribute> = { kernel_shape: kernel, strides, dilations, pads, group: 1 };
  if (activation !== undefined) {
    attributes["activation"] = activation.name;
    if (activation.params.length > 0) attributes["activation_params"] = { floats: activation.params };
  }
  return builder.nchwc("Conv", inputs, attributes);
}
