/** Constant folding: computes values that depend on constants alone, once. */
import { sizeOf } from "../graph.js";
import { kernelsOf, type Kernels } from "../replay/kernels.js";
import { LARGEST_CONSTANT, type Rule } from "./rewrite.js";

/**
 * The rule that replaces nodes whose inputs are all constants by their numbers, computed by the
 * plain CPU backend of TensorFlow.js.
 *
 * Without that backend (an optional package) nothing is folded. The executor then computes the same
 * numbers at every call.
 */
export function constantFolding(): Rule {
  const kernels = kernelsOf("cpu");
  return kernels === undefined ? () => undefined : folding(kernels);
}

const folding =
  (kernels: Kernels): Rule =>
  (node, known) => {
    const data = node.inputs.map(({ id }) => known.constant(id));
    if (data.length === 0 || data.includes(undefined) || !kernels.has(node.kernel)) return undefined;
    const size = node.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (size > LARGEST_CONSTANT) return undefined;
    const inputs = node.inputs.map(({ id }, i) => kernels.write(data[i]!, known.spec(id)));
    try {
      const outputs = kernels.run(node, inputs);
      const constants = outputs.map((output) => kernels.read(output));
      for (const output of outputs) kernels.dispose(output);
      return { constants };
    } catch {
      return undefined; // A kernel that refuses its arguments reports it when the program runs.
    } finally {
      for (const input of inputs) kernels.dispose(input);
    }
  };
