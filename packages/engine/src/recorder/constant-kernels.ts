/** Kernels without inputs: their numbers follow from their attributes alone, so they are worked out while recording. */
import { util } from "@tensorflow/tfjs-core";
import type { DType, TensorSpec, TypedArray } from "../graph.js";
import type { KernelAttrs } from "./shape-rules.js";

export type ConstantKernel = (attrs: KernelAttrs) => TensorSpec & { readonly values: TypedArray };

const filled = (shape: readonly number[], dtype: DType): TypedArray =>
  util.makeZerosTypedArray(util.sizeFromShape([...shape]), dtype) as TypedArray;

const fill: ConstantKernel = (attrs) => {
  const { shape, value } = attrs as { shape: number[]; value: number };
  const dtype = (attrs["dtype"] ?? "float32") as DType;
  return { shape, dtype, values: filled(shape, dtype).fill(value) };
};

const range: ConstantKernel = (attrs) => {
  const { start, stop, step, dtype } = attrs as { start: number; stop: number; step: number; dtype: DType };
  const size = Math.max(0, Math.ceil((stop - start) / step));
  return { shape: [size], dtype, values: filled([size], dtype).map((_, i) => start + i * step) };
};

const linSpace: ConstantKernel = (attrs) => {
  const { start, stop, num } = attrs as { start: number; stop: number; num: number };
  const step = (stop - start) / (num - 1);
  return {
    shape: [num],
    dtype: "float32",
    values: Float32Array.from({ length: num }, (_, i) => start + (i === 0 ? 0 : i * step)),
  };
};

export const constantKernels: Readonly<Record<string, ConstantKernel>> = {
  Fill: fill,
  Range: range,
  LinSpace: linSpace,
};
