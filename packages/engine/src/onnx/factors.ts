/** Kernels that multiply a tensor by a number. */
import type { GraphNode } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";
import { fillOf } from "../passes/constants.js";
import type { Facts } from "./facts.js";

/** A tensor times a number, of the tensor's shape. */
export interface Scaled {
  readonly factor: number;
  readonly id: number;
}

/** Factors beyond this stay where they are: they move numbers out of the range of floats. */
const LARGEST = 2 ** 32;

/** Reads `x c`, `c x`, `x / c` and `-x`. The constant c may have many entries, all equal. */
export function scaledOf(node: GraphNode, facts: Facts): Scaled | undefined {
  const [output] = node.outputs;
  if (output!.dtype !== "float32") return undefined;
  const whole = (id: number): boolean => facts.shapeOf(id).join() === output!.shape.join();
  const times = (id: number, constant: number, of = (value: number): number => value): Scaled | undefined => {
    const data = facts.constant(constant);
    const value = data === undefined || !whole(id) ? undefined : fillOf(data);
    const factor = value === undefined ? NaN : of(value);
    return Math.abs(factor) <= LARGEST && Math.abs(factor) >= 1 / LARGEST ? { factor, id } : undefined;
  };
  if (node.kernel === "Neg") return { factor: -1, id: inputOf(node, "x") };
  if (node.kernel !== "Multiply" && node.kernel !== "RealDiv") return undefined;
  const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
  return node.kernel === "Multiply" ? (times(a, b) ?? times(b, a)) : times(a, b, (value) => 1 / value);
}
