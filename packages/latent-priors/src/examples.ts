/** The number of examples in a batch of observations or latents. */
import { fail, tree, type TensorTree } from "@ergodic/tensor";

/**
 * The size of the first axis, which all leaves share.
 *
 * @param what names the batch in messages.
 * @throws ValidationError when there is no leaf, a leaf is a scalar, or leaves disagree.
 */
export function examplesIn(what: string, batch: TensorTree): number {
  const shapes = tree.leaves(batch).map(({ shape }) => shape);
  const count = shapes[0]?.[0];
  if (count === undefined || shapes.some((shape) => shape[0] !== count)) {
    const got = shapes.map((shape) => `[${shape.join(",")}]`).join(", ");
    fail(`${what} has shapes ${got || "of no tensor"}`, "tensors with one first axis, the number of examples");
  }
  return count;
}
