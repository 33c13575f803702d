/** The rule of einsum: the gradient of each operand is the einsum of the result's gradient with the other operand. */
import * as tf from "@tensorflow/tfjs-core";

/** Σ over the indices that `result` lacks of the product of `operands`; a scalar among them multiplies at the end. */
function contract(terms: readonly string[], operands: readonly tf.Tensor[], result: string): tf.Tensor {
  const scalars = operands.filter((_, i) => terms[i] === "");
  const tensors = operands.filter((_, i) => terms[i] !== "");
  const named = terms.filter((term) => term !== "");
  const isPlain = tensors.length === 1 && named[0] === result;
  const product = isPlain ? tensors[0] : tensors.length > 0 && tf.einsum(`${named.join()}->${result}`, ...tensors);
  return [...(product ? [product] : []), ...scalars].reduce((a, b) => tf.mul(a, b));
}

/** Indices of the operand that stand nowhere else were summed over it alone: the gradient is the same all along them. */
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
