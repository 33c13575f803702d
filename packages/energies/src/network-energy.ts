/** Any network of `@ergodic/nn` as an energy. */
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "@ergodic/nn";
import { assertShape, type TensorTree } from "@ergodic/tensor";
import type { EnergyModel } from "./energy-model.js";

/**
 * E(x) = network(x), for a network whose output is `[batch, 1]`. Energies are `[batch]`.
 *
 * The network may hold any layers. Dropout and batch normalisation see whether a learner learns,
 * and the energy has `refresh` where the network has.
 *
 * @throws ValidationError when the network's output has another shape; whatever its layers throw.
 */
export function networkEnergy<P extends TensorTree, X extends TensorTree = tf.Tensor>(
  network: Layer<P, X>,
): EnergyModel<P, X> {
  return {
    init: (key) => network.init(key),
    energy(params, x, learning) {
      const output = network.apply(params, x, learning);
      assertShape("the output of an energy's network", output, [null, 1], "end with dense({ in, out: 1 })");
      return tf.squeeze(output, [1]);
    },
    ...(network.refresh && { refresh: (params: P, x: X) => network.refresh!(params, x) }),
  };
}
