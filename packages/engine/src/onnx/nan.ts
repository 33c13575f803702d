/**
 * NaN where ONNX Runtime's own operators drop it or keep it by where it stands: extremes, their places, the largest k, pooling.
 *
 * A sum of absolute values is NaN exactly where an entry is, infinities or not, and is the fastest way to tell.
 */
import { ONNX_TYPE, type OnnxBuilder } from "./builder.js";

/** Over the given axes, or over all: NaN where an entry is, else some other number. */
export const sumOfSizes = (
  builder: OnnxBuilder,
  x: string,
  axes: readonly number[] | undefined,
  keepdims = 0,
): string =>
  builder.op("ReduceSum", [builder.op("Abs", [x]), ...(axes === undefined ? [] : [builder.ints(axes)])], { keepdims });

/** Results of `slow` where the tensor holds a NaN, else those of `fast`. */
export const whereAnyIsNaN = (
  builder: OnnxBuilder,
  x: string,
  count: number,
  slow: () => readonly string[],
  fast: () => readonly string[],
): string[] => builder.branch(builder.op("IsNaN", [sumOfSizes(builder, x, undefined)]), count, slow, fast);

/** 1 where an entry is NaN, else 0. */
export const marks = (builder: OnnxBuilder, x: string): string =>
  builder.op("Cast", [builder.op("IsNaN", [x])], { to: ONNX_TYPE.float32 });
