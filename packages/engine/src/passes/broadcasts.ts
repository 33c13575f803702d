/**
 * Removes copies along axes: an elementwise kernel reads the small tensor and broadcasts it itself.
 */
import { util } from "@tensorflow/tfjs-core";
import { inputOf } from "./arithmetic.js";
import type { Known, Rule } from "./rewrite.js";

/** Elementwise kernels of two operands, `a` and `b`, which broadcast. */
export const BINARY =
  "Add Sub Multiply RealDiv Maximum Minimum SquaredDifference Pow Equal NotEqual Greater GreaterEqual Less LessEqual";

/** The tensor that the value repeats along axes of size 1, if the value is such a copy. */
export function sourceOf(id: number, known: Known): number | undefined {
  const writer = known.writer(id);
  if (writer?.kernel !== "Tile") return undefined;
  const source = inputOf(writer, "x");
  const reps = writer.attrs["reps"] as readonly number[];
  return known.spec(source).shape.every((size, axis) => size === 1 || reps[axis] === 1) ? source : undefined;
}

/** One operand must have the shape of the result, which the other is then broadcast to. */
const broadcast: Rule = (node, known) => {
  const shape = [...node.outputs[0]!.shape];
  const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
  const isWhole = (id: number): boolean => util.arraysEqual([...known.spec(id).shape], shape);
  const [left, right] = [isWhole(b) ? sourceOf(a, known) : undefined, isWhole(a) ? sourceOf(b, known) : undefined];
  if (left === undefined && right === undefined) return undefined;
  const inputs = left !== undefined ? { a: left, b } : { a, b: right! };
  return { node: { ...node, inputs: Object.entries(inputs).map(([name, id]) => ({ name, id })) } };
};

export const broadcasts: Readonly<Record<string, Rule>> = Object.fromEntries(
  BINARY.split(" ").map((kernel) => [kernel, broadcast]),
);
