/** The small fully connected energy, as used for latent-space priors. */
import { assertPositiveInteger, assertShape, fail, type TensorTree } from "@ergodic/tensor";
import {
  activation,
  dense,
  sequential,
  type ActivationLayer,
  type ActivationName,
  type AffineInit,
  type Layer,
} from "@ergodic/nn";
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

/** Affine layers with an activation between each two, ending in one unbounded number. */
export function affineStack(
  sizes: readonly number[],
  between: ActivationLayer,
  init: AffineInit | undefined,
  headInit: AffineInit | undefined = init,
): Layer<readonly TensorTree[]> {
  const layers = sizes.slice(1).flatMap((out, i): Layer<TensorTree>[] => {
    const chosen = i === sizes.length - 2 ? headInit : init;
    const affine = dense({ in: sizes[i]!, out, ...(chosen && { init: chosen }) });
    return i === 0 ? [affine] : [between, affine];
  });
  return sequential<readonly TensorTree[]>(...layers);
}

export const activationOf = (chosen: ActivationName | ActivationLayer): ActivationLayer =>
  typeof chosen === "string" ? activation(chosen) : chosen;

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
  const { in: features, widths = [200, 200], activation: chosen = "leakyRelu", init, headInit } = options;
  assertPositiveInteger({ in: features });
  if (widths.length === 0) fail("widths is empty", "at least one hidden layer", "for example [200, 200]");
  widths.forEach((width, i) => assertPositiveInteger({ [`widths[${i}]`]: width }));
  const network = affineStack([features, ...widths, 1], activationOf(chosen), init, headInit);
  const model = networkEnergy(network);
  return {
    ...model,
    energy(params, x, learning) {
      assertShape("the input of mlpEnergy", x, [null, features], `this energy was made with in: ${features}`);
      return model.energy(params, x, learning);
    },
  };
}
