/** Lowers one TensorFlow.js kernel to ONNX operators, with helpers that the tables share. */
import type { KernelCall } from "../kernel-call.js";
import type { OnnxBuilder } from "./builder.js";

export type Call = KernelCall<OnnxBuilder>;
export type Lowering = (call: Call) => string | string[];
export type LoweringTable = Readonly<Record<string, Lowering>>;

export const normalizeAxes = (axes: unknown, rank: number): number[] => {
  const listed =
    axes === undefined || axes === null
      ? Array.from({ length: rank }, (_, i) => i)
      : [axes as number | number[]].flat();
  return listed.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
};

export const swapLastTwo = (rank: number): number[] => {
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[rank - 1], perm[rank - 2]] = [rank - 2, rank - 1];
  return perm;
};
