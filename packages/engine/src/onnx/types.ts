/** Conversions between types, as TensorFlow.js makes them, and ways around the types that ONNX Runtime lacks kernels for. */
import { ONNX_TYPE, type OnnxBuilder } from "./builder.js";
import type { DType } from "../graph.js";
import type { Call, Lowering } from "./lowering.js";

export const DOUBLE = 11;

/** The tensor in another type; nothing is added where it has that type already. */
export function convert(builder: OnnxBuilder, x: string, from: DType, to: DType): string {
  if (from === to) return x;
  if (from === "float32" && to === "int32") return toIntegers(builder, x);
  return builder.op("Cast", [x], { to: ONNX_TYPE[to] });
}

/**
 * Truncation of reals as JavaScript does it: modulo 2^32, with 0 for NaN and infinities.
 * 64-bit integers on the way make it so: what does not fit there has 32 zeros at its end. The mask keeps ONNX Runtime from joining
 * the two conversions into one that saturates.
 */
export function toIntegers(builder: OnnxBuilder, x: string): string {
  const mask = builder.op("Squeeze", [builder.ints([2 ** 32 - 1])]);
  const wide = builder.op("BitwiseAnd", [builder.op("Cast", [x], { to: ONNX_TYPE.int64 }), mask]);
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

/** Runs a formula on integers in double precision, where it is exact, and truncates the result. */
export const throughDoubles = ({ builder }: Call, inputs: string[], formula: (...xs: string[]) => string): string =>
  toIntegers(builder, formula(...inputs.map((x) => builder.op("Cast", [x], { to: DOUBLE }))));
