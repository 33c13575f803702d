/**
 * Type conversions as TensorFlow.js does them, and substitutes for types without kernels in ONNX
 * Runtime.
 */
import { ONNX_TYPE, type OnnxBuilder } from "./builder.js";
import type { DType, TensorSpec } from "../graph.js";
import { kernelCall } from "../kernel-call.js";
import type { Call, Lowering } from "./lowering.js";

export const DOUBLE = 11;

/** The tensor in another type. Nothing is added if it already has that type. */
export function convert(builder: OnnxBuilder, x: string, from: DType, to: DType): string {
  if (from === to) return x;
  if (from === "float32" && to === "int32") return toIntegers(builder, x);
  return builder.op("Cast", [x], { to: ONNX_TYPE[to] });
}

/** Floats beyond this are multiples of 2^32. */
const WIDEST = 2 ** 62;

/**
 * Truncates reals as JavaScript does: modulo 2^32, with 0 for NaN and infinities.
 *
 * The conversion passes through 64-bit integers. Larger numbers are clipped first, because
 * processors convert these differently. The mask prevents ONNX Runtime from merging both
 * conversions into one that saturates.
 */
export function toIntegers(builder: OnnxBuilder, x: string, type: number = ONNX_TYPE.float32): string {
  const bound = (value: number): string =>
    type === ONNX_TYPE.float32 ? builder.scalar(value) : builder.op("Cast", [builder.scalar(value)], { to: type });
  const mask = builder.op("Squeeze", [builder.ints([2 ** 32 - 1])]);
  const fitting = builder.op("Clip", [x, bound(-WIDEST), bound(WIDEST)]);
  const wide = builder.op("BitwiseAnd", [builder.op("Cast", [fitting], { to: ONNX_TYPE.int64 }), mask]);
  return builder.op("Cast", [wide], { to: ONNX_TYPE.int32 });
}

export const toIndices = (builder: OnnxBuilder, x: string): string => builder.op("Cast", [x], { to: ONNX_TYPE.int64 });

/** Runs a lowering on integers if its operators do not support booleans. */
export const throughIntegers =
  (lowering: Lowering): Lowering =>
  (call) => {
    const { builder, inputs, specs, node } = call;
    if (specs.every(({ dtype }) => dtype !== "bool")) return lowering(call);
    const widened = inputs.map((x, i) => (specs[i]!.dtype === "bool" ? convert(builder, x, "bool", "int32") : x));
    const integers = specs.map(({ shape, dtype }) => ({ shape, dtype: dtype === "bool" ? ("int32" as const) : dtype }));
    const indexOf = (input: string): number => node.inputs.findIndex(({ name }) => name === input);
    const results = lowering({
      ...call,
      inputs: widened,
      specs: integers,
      name: (input) => widened[indexOf(input)]!,
      spec: (input) => integers[indexOf(input)]!,
      output: { ...call.output, dtype: call.output.dtype === "bool" ? "int32" : call.output.dtype },
    });
    return [results]
      .flat()
      .map((result, i) => (node.outputs[i]!.dtype === "bool" ? convert(builder, result, "int32", "bool") : result));
  };

/**
 * Runs a lowering on floats if its operators support only floating point. The result is truncated.
 */
export const throughFloats =
  (lowering: Lowering): Lowering =>
  (call) => {
    const { builder, node, inputs, specs, output } = call;
    if (specs.every(({ dtype }) => dtype === "float32")) return lowering(call);
    const inFloats = <S extends TensorSpec>(spec: S): S => ({ ...spec, dtype: "float32" });
    const floats = inputs.map((x, i) => convert(builder, x, specs[i]!.dtype, "float32"));
    const result = lowering(kernelCall(builder, node, floats, specs.map(inFloats), inFloats(output))) as string;
    return truncated(builder, result, output.dtype);
  };

/** Floats in the type of the result. A boolean is true if the truncated number is not zero. */
function truncated(builder: OnnxBuilder, x: string, dtype: DType): string {
  const integers = dtype === "bool" ? "int32" : dtype;
  return convert(builder, convert(builder, x, "float32", integers), integers, dtype);
}

/** Runs a formula on integers in double precision, where it is exact, and truncates the result. */
export const throughDoubles = (
  { builder, output }: Call,
  inputs: string[],
  formula: (...xs: string[]) => string,
): string => {
  const result = formula(...inputs.map((x) => builder.op("Cast", [x], { to: DOUBLE })));
  return convert(builder, toIntegers(builder, result, DOUBLE), "int32", output.dtype);
};
