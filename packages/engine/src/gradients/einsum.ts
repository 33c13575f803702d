/**
 * Gradient rule of einsum: the gradient of each operand is the einsum of the result's gradient with
 * the other operands.
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Sums over the indices that occur in no other term. The einsum of TensorFlow.js is wrong for these
 * with two operands.
 */
function reduced(terms: readonly string[], operands: readonly tf.Tensor[], result: string): [string[], tf.Tensor[]] {
  const isShared = (index: string, i: number): boolean =>
    [result, ...terms.filter((_, k) => k !== i)].some((term) => term.includes(index));
  const sums = operands.map((operand, i) => {
    const axes = [...terms[i]!].flatMap((index, axis) => (isShared(index, i) ? [] : [axis]));
    return axes.length === 0 ? operand : tf.sum(operand, axes);
  });
  return [terms.map((term, i) => [...term].filter((index) => isShared(index, i)).join("")), sums];
}

/**
 * Σ of the product of `operands` over the indices that `result` lacks. Scalars multiply at the end.
 */
function contract(terms: readonly string[], operands: readonly tf.Tensor[], result: string): tf.Tensor {
  const [left, sums] = reduced(terms, operands, result);
  const scalars = sums.filter((_, i) => left[i] === "");
  const tensors = sums.filter((_, i) => left[i] !== "");
  const named = left.filter((term) => term !== "");
  const isPlain = tensors.length === 1 && named[0] === result;
  const product = isPlain ? tensors[0] : tensors.length > 0 && tf.einsum(`${named.join()}->${result}`, ...tensors);
  return [...(product ? [product] : []), ...scalars].reduce((a, b) => tf.mul(a, b));
}

/**
 * The gradient of operand i. It is constant along the indices that occur nowhere else, because the
 * sum over these involves the operand alone.
 */
function operandGradient(dy: tf.Tensor, operands: readonly tf.Tensor[], equation: string, i: number): tf.Tensor {
  const [left, result] = equation.replace(/\s/g, "").split("->") as [string, string];
  const terms = left.split(",");
  const others = terms.filter((_, k) => k !== i);
  const elsewhere = [result, ...others].join("");
  const kept = [...terms[i]!].filter((index) => elsewhere.includes(index)).join("");
  const rest = operands.filter((_, k) => k !== i);
  const gradient = contract([result, ...others], [dy, ...rest], kept);
  const { shape } = operands[i]!;
  const spread = shape.map((size, axis) => (kept.includes(terms[i]![axis]!) ? size : 1));
  return kept === terms[i] ? gradient : tf.broadcastTo(tf.reshape(gradient, spread), shape);
}

export function registerEinsumRule(): void {
  tf.registerGradient({
    kernelName: "Einsum",
    saveAllInputs: true,
    gradFunc: (dy, operands, attrs) =>
      Object.fromEntries(
        operands.map((_, i) => [
          i,
          () => operandGradient(dy as tf.Tensor, operands, (attrs as unknown as { equation: string }).equation, i),
        ]),
      ),
  });
}
