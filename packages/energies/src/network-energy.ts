/** Any network of `@ergodic/nn` as an energy. */
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "@ergodic/nn";
import { assertShape, type TensorTree } from "@ergodic/tensor";
import type { EnergyModel } from "./energy-model.js";

/**
 * E(x) = Σ_j network(x)_j, for a network whose output is `[batch, outputs]`, one output by default.
 * Energies are `[batch]`.
 *
 * The network may hold any layers. Dropout and batch normalisation see whether a learner learns,
 * and the energy has `refresh` where the network has.
 *
 * @throws ValidationError when the network's output has another shape; whatever its layers throw.
 */
export function networkEnergy<P extends TensorTree, X extends TensorTree = tf.Tensor>(
  network: Layer<P, X>,
  { outputs = 1 }: { readonly outputs?: number } = {},
): EnergyModel<P, X> {
  return {
    init: (key) => network.init(key),
    energy(params, x, learning) {
      const output = network.apply(params, x, learning);
      assertShape(
        "the output of an energy's network",
        output,
        [null, outputs],
        `end with dense({ in, out: ${outputs} })`,
      );
      return outputs === 1 ? tf.squeeze(output, [1]) : tf.sum(output, 1);
    },
    ...(network.refresh && { refresh: (params: P, x: X) => network.refresh!(params, x) }),
  };
}
