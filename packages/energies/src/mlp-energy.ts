/** The small fully connected energy, as used for latent-space priors. */
import { assertShape, fail, type TensorTree } from "@ergodic/tensor";
import { mlp, type ActivationLayer, type ActivationName, type AffineInit } from "@ergodic/nn";
import type { EnergyModel } from "./energy-model.js";
import { networkEnergy } from "./network-energy.js";

export interface MlpEnergyOptions {
  /** Dimension of x. */
  readonly in: number;
  /** Sizes of the hidden layers, first to last. Default [200, 200]. */
  readonly widths?: readonly number[];
  /**
   * A name, or any layer without parameters. Default "leakyRelu" (slope 0.2); "gelu" is what the
   * code of arXiv 2006.08205 runs.
   */
  readonly activation?: ActivationName | ActivationLayer;
  /** Default: U(±1/sqrt(fan-in)) for weights and biases. */
  readonly init?: AffineInit;
  /** Of the last layer; with zeros the energy starts at 0 everywhere. Default: `init`. */
  readonly headInit?: AffineInit;
}

/**
 * E(x) = W_L a(… a(W_1 x + b_1) …) + b_L, a single linear output.
 *
 * x `[batch, in]`, energies `[batch]`. With in = 100 and two hidden layers of 200 it has 60,601
 * parameters (SVHN prior of Pang et al., "Learning Latent Space Energy-Based Prior Model", arXiv
 * 2006.08205; there f = -E).
 *
 * @throws ValidationError for a size that is not a positive integer, an unknown activation, or an x
 *   of another shape.
 */
export function mlpEnergy(options: MlpEnergyOptions): EnergyModel<readonly TensorTree[]> {
  const { in: features, widths = [200, 200] } = options;
  if (widths.length === 0) fail("widths is empty", "at least one hidden layer", "for example [200, 200]");
  const model = networkEnergy(mlp({ ...options, widths, out: 1 }));
  return {
    ...model,
    energy(params, x, learning) {
      assertShape("the input of mlpEnergy", x, [null, features], `this energy was made with in: ${features}`);
      return model.energy(params, x, learning);
    },
  };
}
