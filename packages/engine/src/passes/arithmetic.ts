/**
 * Removes elementwise kernels that return one of their inputs, bit for bit, and negations of terms.
 *
 * Near identities are kept: x + 0 turns -0 into 0.
 */
import { util } from "@tensorflow/tfjs-core";
import { sizeOf, specOf, type GraphNode, type TypedArray } from "../graph.js";
import { fillOf } from "./constants.js";
import { LARGEST_CONSTANT, type Known, type Replacement, type Rule } from "./rewrite.js";

export const inputOf = (node: GraphNode, name: string): number =>
  node.inputs.find((candidate) => candidate.name === name)!.id;

/** Replaces the node by the value `id` if both have the same shape and type. */
export const sameValue = (node: GraphNode, id: number, known: Known): Replacement | undefined =>
  specOf(known.spec(id)) === specOf(node.outputs[0]!) ? { value: id } : undefined;

export const isFilledWith = (data: TypedArray | undefined, number: number): boolean =>
  data !== undefined && Object.is(fillOf(data), number);

/** `x ∘ c = x` for a constant `c` whose entries are all `neutral`. */
const neutralOnTheRight =
  (neutral: number): Rule =>
  (node, known) =>
    isFilledWith(known.constant(inputOf(node, "b")), neutral) ? sameValue(node, inputOf(node, "a"), known) : undefined;

const multiplication: Rule = (node, known) => {
  const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
  const kept = isFilledWith(known.constant(b), 1) ? a : isFilledWith(known.constant(a), 1) ? b : undefined;
  return kept === undefined ? undefined : sameValue(node, kept, known);
};

const negation: Rule = (node, known) => {
  const inner = known.writer(inputOf(node, "x"));
  return inner?.kernel === "Neg" ? { value: inputOf(inner, "x") } : undefined;
};

/** What is negated by the node that writes a value, if it is a number of floats. */
function negatedBy(id: number, known: Known): number | undefined {
  const writer = known.writer(id);
  return writer?.kernel === "Neg" && known.spec(id).dtype === "float32" ? inputOf(writer, "x") : undefined;
}

const withOperands = (node: GraphNode, kernel: string, a: number, b: number): Replacement => ({
  node: { ...node, kernel, inputs: Object.entries({ a, b }).map(([name, id]) => ({ name, id })) },
});

/** a + (-b) = a - b, and (-a) + b = b - a. */
const addition: Rule = (node, known) => {
  const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
  const [ofA, ofB] = [negatedBy(a, known), negatedBy(b, known)];
  if (ofB !== undefined) return withOperands(node, "Sub", a, ofB);
  return ofA === undefined ? undefined : withOperands(node, "Sub", b, ofA);
};

/** a - 0 = a, and a - (-b) = a + b. */
const subtraction: Rule = (node, known) => {
  const negated = negatedBy(inputOf(node, "b"), known);
  if (negated !== undefined) return withOperands(node, "Add", inputOf(node, "a"), negated);
  return neutralOnTheRight(0)(node, known);
};

/**
 * Requires a condition of the result's shape: for a condition of rank 1, the CPU backend of
 * TensorFlow.js selects other rows.
 */
const selection: Rule = (node, known) => {
  const condition = inputOf(node, "condition");
  const shape = node.outputs[0]!.shape;
  if (!util.arraysEqual([...known.spec(condition).shape], [...shape])) return undefined;
  const data = known.constant(condition);
  if (isFilledWith(data, 1)) return sameValue(node, inputOf(node, "t"), known);
  return isFilledWith(data, 0) ? sameValue(node, inputOf(node, "e"), known) : undefined;
};

const filledWith =
  (number: number): Rule =>
  ({ outputs: [output] }) => {
    const size = sizeOf(output!.shape);
    if (size > LARGEST_CONSTANT) return undefined;
    return { constants: [(util.makeZerosTypedArray(size, output!.dtype) as TypedArray).fill(number)] };
  };

export const arithmetic: Readonly<Record<string, Rule>> = {
  Add: addition,
  Multiply: multiplication,
  RealDiv: neutralOnTheRight(1),
  FloorDiv: (node, known) => (node.outputs[0]!.dtype === "int32" ? neutralOnTheRight(1)(node, known) : undefined),
  Sub: subtraction,
  Neg: negation,
  Cast: (node, known) => sameValue(node, inputOf(node, "x"), known),
  Select: selection,
  ZerosLike: filledWith(0),
  OnesLike: filledWith(1),
};
