/** Lowers one TensorFlow.js kernel to TensorFlow operations, with helpers that the tables share. */
import type { TensorSpec } from "../graph.js";
import { kernelCall, type KernelCall } from "../kernel-call.js";
import type { GraphDefBuilder } from "./builder.js";

export type Call = KernelCall<GraphDefBuilder>;
export type Lowering = (call: Call) => string | string[];
export type LoweringTable = Readonly<Record<string, Lowering>>;

/** A lowering for every kernel in `names`, made from the kernel's name. */
export const each = (names: string, make: (name: string) => Lowering): LoweringTable =>
  Object.fromEntries(names.split(" ").map((name) => [name, make(name)]));

/** A kernel that is an operation of one type `T`. */
export const direct =
  (op: string): Lowering =>
  ({ builder, inputs, specs }) =>
    builder.op(op, inputs, { T: specs[0]!.dtype });

/**
 * 32 bits of the truncated number, and 0 for NaN and infinities, as in JavaScript. The conversion
 * passes through 64-bit integers.
 */
export const toIntegers = (builder: GraphDefBuilder, x: string, from: "float32" | "float64"): string =>
  builder.cast(builder.cast(x, from, "int64"), "int64", "int32");

/** The tensor in another type, converted as TensorFlow.js does. */
export function convert(
  builder: GraphDefBuilder,
  x: string,
  from: TensorSpec["dtype"],
  to: TensorSpec["dtype"],
): string {
  return from === "float32" && to === "int32" ? toIntegers(builder, x, from) : builder.cast(x, from, to);
}

/**
 * Runs a lowering on operands of another type, and converts its results back to the types of the
 * graph.
 */
export const through =
  (from: TensorSpec["dtype"], to: TensorSpec["dtype"]) =>
  (lowering: Lowering): Lowering =>
  (call) => {
    const { builder, inputs, specs, node, output } = call;
    if (specs.every(({ dtype }) => dtype !== from)) return lowering(call);
    const other = <S extends TensorSpec>(spec: S): S => (spec.dtype === from ? { ...spec, dtype: to } : spec);
    const converted = inputs.map((x, i) => convert(builder, x, specs[i]!.dtype, other(specs[i]!).dtype));
    const results = lowering(kernelCall(builder, node, converted, specs.map(other), other(output)));
    return [results]
      .flat()
      .map((result, i) => convert(builder, result, other(node.outputs[i]!).dtype, node.outputs[i]!.dtype));
  };

/** For operations that do not support booleans. */
export const throughIntegers = through("bool", "int32");
