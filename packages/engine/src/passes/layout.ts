/**
 * Simplifies kernels that move numbers without changing them. Kernels that move nothing are
 * removed, and chains become one kernel.
 */
import { util } from "@tensorflow/tfjs-core";
import { sizeOf, type GraphNode } from "../graph.js";
import { inputOf, sameValue } from "./arithmetic.js";
import type { Known, Replacement, Rule } from "./rewrite.js";

/** The node as a reshape of `id`, which holds the same numbers in the same order. */
const reshapeOf = (node: GraphNode, id: number): Replacement => ({
  node: {
    ...node,
    kernel: "Reshape",
    inputs: [{ name: "x", id }],
    attrs: { shape: [...node.outputs[0]!.shape] },
  },
});

/** Whether the node has one result, with as many numbers of the same type as its input. */
function keepsSize({ outputs: [output, second] }: GraphNode, id: number, known: Known): boolean {
  const { shape, dtype } = known.spec(id);
  return second === undefined && output!.dtype === dtype && sizeOf(output!.shape) === sizeOf(shape);
}

/** For kernels that move nothing when the result has the size of the input. */
const whenNothingIsLost =
  (name: string): Rule =>
  (node, known) => {
    const id = inputOf(node, name);
    return keepsSize(node, id, known) ? reshapeOf(node, id) : undefined;
  };

const reshape: Rule = (node, known) => {
  const id = inputOf(node, "x");
  const inner = known.writer(id);
  return sameValue(node, id, known) ?? (inner?.kernel === "Reshape" ? reshapeOf(node, inputOf(inner, "x")) : undefined);
};

const transpose: Rule = (node, known) => {
  const id = inputOf(node, "x");
  const { shape } = known.spec(id);
  const perm = node.attrs["perm"] as readonly number[];
  const moved = perm.filter((axis) => shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || moved[i - 1]! < axis)) return reshapeOf(node, id);
  const inner = known.writer(id);
  if (inner?.kernel !== "Transpose") return undefined;
  const first = inner.attrs["perm"] as readonly number[];
  return { node: { ...node, inputs: inner.inputs, attrs: { perm: perm.map((axis) => first[axis]!) } } };
};

const stridedSlice: Rule = (node, known) =>
  (node.attrs["strides"] as readonly number[]).every((stride) => stride === 1)
    ? whenNothingIsLost("x")(node, known)
    : undefined;

const reverse: Rule = (node, known) => {
  const id = inputOf(node, "x");
  const { shape } = known.spec(id);
  return util.parseAxisParam(node.attrs["dims"] as number[], [...shape]).every((axis) => shape[axis] === 1)
    ? { value: id }
    : undefined;
};

const onlyPart: Rule = (node) => (node.inputs.length === 1 ? reshapeOf(node, node.inputs[0]!.id) : undefined);

/** All parts of a tensor in their order are that tensor. */
const concat: Rule = (node, known) => {
  const split = known.writer(node.inputs[0]!.id);
  if (node.inputs.length === 1 || split?.kernel !== "SplitV") return onlyPart(node, known);
  const id = inputOf(split, "x");
  const along = ({ attrs }: GraphNode): number => attrs["axis"] as number;
  const same =
    node.inputs.length === split.outputs.length &&
    node.inputs.every((input, i) => input.id === split.outputs[i]!.id) &&
    (along(node) - along(split)) % known.spec(id).shape.length === 0;
  return same ? { value: id } : undefined;
};

/**
 * A reduction over axes of size one. Sums and means are excluded: in the plain backend 0 + (-0) is
 * 0.
 */
const reduction = whenNothingIsLost("x");

export const layout: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  ExpandDims: whenNothingIsLost("input"),
  Transpose: transpose,
  Tile: whenNothingIsLost("x"),
  BroadcastTo: whenNothingIsLost("x"),
  Slice: whenNothingIsLost("x"),
  StridedSlice: stridedSlice,
  PadV2: whenNothingIsLost("x"),
  Reverse: reverse,
  Concat: concat,
  Pack: onlyPart,
  SplitV: whenNothingIsLost("x"),
  Unpack: whenNothingIsLost("value"),
  Max: reduction,
  Min: reduction,
  Prod: reduction,
  All: reduction,
  Any: reduction,
};
