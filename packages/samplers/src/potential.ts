/** Energies with their gradients, of checked shape. */
import * as tf from "@tensorflow/tfjs-core";
import { recordedOnce, valueAndGrad } from "@ergodic/engine";
import { assertFunction, type TensorTree } from "@ergodic/tensor";
import { assertEnergies, chainCount, type Energy } from "./chains.js";

/** Energies, `[chains]`, and their gradient, a tree like the position. */
export type Evaluated<X extends TensorTree> = { readonly energy: tf.Tensor1D; readonly gradient: X };

/**
 * The energy and its gradient as one function. The gradient is that of the sum of the energies over
 * chains, so the gradient of a chain does not depend on the number of chains.
 *
 * The energy is a pure function of the position. A program that evaluates it at many positions of
 * the same shape records it once.
 *
 * @throws ValidationError for an energy that is no function; when called, for one that does not
 *   return `[chains]`.
 */
export function potential<X extends TensorTree>(energy: Energy<X>, caller: string): (position: X) => Evaluated<X> {
  assertFunction({ energy });
  const summed = (position: X): [tf.Tensor, tf.Tensor] => {
    const chains = chainCount(position);
    const energies = energy(position);
    assertEnergies(energies, chains, `${caller}({ energy })`);
    return [tf.sum(energies), energies];
  };
  const evaluate = valueAndGrad(summed, { hasAux: true });
  return recordedOnce((position: X): Evaluated<X> => {
    const { grad, aux } = evaluate(position);
    return { energy: aux as tf.Tensor1D, gradient: grad };
  });
}
