/** Defines shape rules and the rules that many kernels share. */
import { backend_util as backend } from "@tensorflow/tfjs-core";
import type { DType, TensorSpec } from "../../graph.js";

export type KernelInputs = Readonly<Record<string, TensorSpec>>;
export type KernelAttrs = Readonly<Record<string, unknown>>;
export type ShapeRule = (inputs: KernelInputs, attrs: KernelAttrs) => TensorSpec | TensorSpec[];
export type ShapeRules = Readonly<Record<string, ShapeRule>>;

export const input = (inputs: KernelInputs, name: string): TensorSpec => inputs[name]!;
export const dims = (spec: TensorSpec): number[] => [...spec.shape];
/** The tensors of a kernel that takes a list. */
export const listed = (inputs: KernelInputs): TensorSpec[] => Object.values(inputs);

/** The same rule for every kernel in `names`, separated by spaces. */
export const each = (names: string, rule: ShapeRule): ShapeRules =>
  Object.fromEntries(names.split(" ").map((name) => [name, rule]));

/** Same shape as an input, and the same type unless `dtype` is given. */
export const sameAs =
  (name: string, dtype?: DType): ShapeRule =>
  (inputs) => ({ shape: input(inputs, name).shape, dtype: dtype ?? input(inputs, name).dtype });

/** The shape that an attribute holds, in float32. */
export const statedBy =
  (attribute: string): ShapeRule =>
  (_, attrs) => ({ shape: attrs[attribute] as number[], dtype: "float32" });

/** `a` and `b` broadcast against each other. */
export const broadcast =
  (dtype?: DType): ShapeRule =>
  (inputs) => {
    const [a, b] = [input(inputs, "a"), input(inputs, "b")];
    return { shape: backend.assertAndGetBroadcastShape(dims(a), dims(b)), dtype: dtype ?? a.dtype };
  };

/** Sums and products of booleans are integers. */
export const countable = (dtype: DType): DType => (dtype === "bool" ? "int32" : dtype);
