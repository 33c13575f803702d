/**
 * Propagates NaN where ONNX Runtime's operators drop it or keep it depending on its position:
 * extremes, their indices, top k, pooling.
 *
 * A sum of absolute values is NaN exactly where an entry is NaN, also beside infinities. It is the
 * fastest test.
 */
import { ONNX_TYPE, type OnnxBuilder } from "./builder.js";

/** NaN where an entry is NaN, otherwise some other number. Reduces the given axes, or all. */
export const sumOfSizes = (
  builder: OnnxBuilder,
  x: string,
  axes: readonly number[] | undefined,
  keepdims = 0,
): string => builder.op("ReduceL1", [x, ...(axes === undefined ? [] : [builder.ints(axes)])], { keepdims });

/** Results of `slow` if the tensor holds a NaN, otherwise those of `fast`. */
export const whereAnyIsNaN = (
  builder: OnnxBuilder,
  x: string,
  count: number,
  slow: () => readonly string[],
  fast: () => readonly string[],
): string[] => builder.branch(builder.op("IsNaN", [sumOfSizes(builder, x, undefined)]), count, slow, fast);

/** 1 where an entry is NaN, otherwise 0. */
export const marks = (builder: OnnxBuilder, x: string): string =>
  builder.op("Cast", [builder.op("IsNaN", [x])], { to: ONNX_TYPE.float32 });
