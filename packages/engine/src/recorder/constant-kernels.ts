/**
 * Kernels without inputs. Their attributes determine their numbers, so these are computed while
 * recording.
 */
import { util } from "@tensorflow/tfjs-core";
import type { DType, TensorSpec, TypedArray } from "../graph.js";
import type { KernelAttrs } from "./shape-rules/rule.js";

export type ConstantKernel = (attrs: KernelAttrs) => TensorSpec & { readonly values: TypedArray };

const zeros = (size: number, dtype: DType): TypedArray => util.makeZerosTypedArray(size, dtype) as TypedArray;

const fill: ConstantKernel = (attrs) => {
  const { shape, value } = attrs as { shape: number[]; value: number };
  const dtype = (attrs["dtype"] ?? "float32") as DType;
  return { shape, dtype, values: zeros(util.sizeFromShape(shape), dtype).fill(value) };
};

/**
 * Adds the step repeatedly and rounds each time, as TensorFlow.js does, so that the numbers agree.
 */
function progression(start: number, step: number, size: number, dtype: DType): ReturnType<ConstantKernel> {
  const values = zeros(size, dtype);
  for (let i = 0; i < size; i++) values[i] = i === 0 ? start : values[i - 1]! + step;
  return { shape: [size], dtype, values };
}

const range: ConstantKernel = (attrs) => {
  const { start, stop, step, dtype } = attrs as { start: number; stop: number; step: number; dtype: DType };
  // The default step of 1 also counts downwards.
  const effective = stop < start && step === 1 ? -1 : step;
  return progression(start, effective, Math.max(0, Math.ceil((stop - start) / effective)), dtype);
};

const linSpace: ConstantKernel = (attrs) => {
  const { start, stop, num } = attrs as { start: number; stop: number; num: number };
  return progression(start, (stop - start) / (num - 1), num, "float32");
};

export const constantKernels: Readonly<Record<string, ConstantKernel>> = {
  Fill: fill,
  Range: range,
  LinSpace: linSpace,
};
