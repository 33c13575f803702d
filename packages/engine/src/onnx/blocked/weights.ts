/**
 * Filters in the layouts of the blocked convolution: memory [out/B, in/B, taps, B in, B out],
 * declared [out, in, rows, columns].
 */
import { padAxis, paddedTo, type BlockedBuilder } from "./layout.js";

export interface WeightLayout {
  /** Rows, columns, inputs and outputs of the HWIO filter. */
  readonly filter: readonly [rows: number, columns: number, inputs: number, outputs: number];
  /** Whether the convolution maps the filter's outputs to its inputs, as gradients do. */
  readonly reversed?: boolean;
  /**
   * The taps to use, in order, as indices into rows x columns, and their arrangement. Default: all
   * taps.
   */
  readonly taps?: { readonly indices: readonly number[]; readonly rows: number; readonly columns: number };
}

/**
 * The filter's weights in the blocked layout. With fewer inputs than a block the convolution reads
 * plain NCHW images, and its weights are [out/B, in, taps, B out].
 */
export function blockWeights(
  { builder, block }: BlockedBuilder,
  w: string,
  { filter: [rows, columns, inputs, outputs], reversed = false, taps }: WeightLayout,
): string {
  const [from, to] = reversed ? [outputs, inputs] : [inputs, outputs];
  const outs = paddedTo(block, to);
  const ins = from < block ? from : paddedTo(block, from);
  const count = taps?.indices.length ?? rows * columns;
  let x = builder.reshape(w, [rows * columns, inputs, outputs]);
  if (taps !== undefined) x = builder.op("Gather", [x, builder.ints(taps.indices)], { axis: 0 });
  const [fromAxis, toAxis] = reversed ? [2, 1] : [1, 2];
  x = padAxis(builder, x, [count, inputs, outputs], toAxis, outs);
  x = padAxis(builder, x, reversed ? [count, outs, from] : [count, from, outs], fromAxis, ins);
  const [a, b] = [outs / block, ins / block];
  const declared = [outs, ins, taps?.rows ?? rows, taps?.columns ?? columns];
  const transposed = (of: string, shape: readonly number[], perm: readonly number[]): string =>
    builder.transpose(builder.reshape(of, shape), perm);
  const arrange = (shape: readonly number[], perm: readonly number[]): string =>
    builder.reshape(transposed(x, shape, perm), declared);
  if (from < block) {
    return reversed ? arrange([count, a, block, from], [1, 3, 0, 2]) : arrange([count, from, a, block], [2, 1, 0, 3]);
  }
  if (!reversed) return arrange([count, b, block, a, block], [3, 1, 0, 2, 4]);
  // Matrices are transposed first, and then moved whole. One operator for both takes longer.
  const matrices = transposed(x, [count * a, block, b * block], [0, 2, 1]);
  return builder.reshape(transposed(matrices, [count, a, b, block * block], [1, 2, 0, 3]), declared);
}
