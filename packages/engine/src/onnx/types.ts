/** Conversions between types, as TensorFlow.js makes them, and ways around the types that ONNX Runtime lacks kernels for. */
import { ONNX_TYPE, type OnnxBuilder } from "./builder.js";
import type { DType, TensorSpec } from "../graph.js";
import { kernelCall } from "../kernel-call.js";
import type { Call, Lowering } from "./lowering.js";

export const DOUBLE = 11;

/** The tensor in another type; nothing is added where it has that type already. */
export function convert(builder: OnnxBuilder, x: string, from: DType, to: DType): string {
  if (from === to) return x;
  if (from === "float32" && to === "int32") return toIntegers(builder, x);
  return builder.op("Cast", [x], { to: ONNX_TYPE[to] });
}

/** Beyond this, floats have 32 zeros at their end, and so does the number itself. */
const WIDEST = 2 ** 62;

/**
 * Truncation of reals as JavaScript does it: modulo 2^32, with 0 for NaN and infinities.
 * 64-bit integers on the way make it so. What does not fit there is clipped first, because processors convert it each in their own
 * way. The mask keeps ONNX Runtime from joining the two conversions into one that saturates.
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

/** Runs a lowering whose operators know no booleans on integers instead. */
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

/** Runs a lowering whose operators know floating point alone on floats instead, and truncates what it gives. */
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

/** Floats in the type of the result; a boolean is whether the truncated number is not zero. */
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
