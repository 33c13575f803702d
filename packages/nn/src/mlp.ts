/** The fully connected network. */
import { assertPositiveInteger, type TensorTree } from "@ergodic/tensor";
import { activation, type ActivationLayer, type ActivationName } from "./activations.js";
import { dense } from "./dense.js";
import type { AffineInit } from "./initializers.js";
import type { Layer } from "./layer.js";
import { sequential } from "./sequential.js";

export interface MlpOptions {
  /** Features of the input. */
  readonly in: number;
  /** Sizes of the hidden layers, first to last. */
  readonly widths: readonly number[];
  /** Features of the output. */
  readonly out: number;
  /** A name, or any layer without parameters. Default "leakyRelu" (slope 0.2). */
  readonly activation?: ActivationName | ActivationLayer;
  /** Default: U(±1/sqrt(fan-in)) for weights and biases. */
  readonly init?: AffineInit;
  /** Of the last layer. Default: `init`. */
  readonly headInit?: AffineInit;
}

/** The layer of a name, or the layer itself. */
export const activationOf = (chosen: ActivationName | ActivationLayer): ActivationLayer =>
  typeof chosen === "string" ? activation(chosen) : chosen;

/**
 * y = W_L a(… a(W_1 x + b_1) …) + b_L, with the activation a between each two affine layers.
 *
 * Input `[batch, in]`, output `[batch, out]`, unbounded.
 *
 * @throws ValidationError for a size that is not a positive integer, or an unknown activation.
 */
export function mlp(options: MlpOptions): Layer<readonly TensorTree[]> {
  const { in: features, widths, out, activation: chosen = "leakyRelu", init, headInit = init } = options;
  assertPositiveInteger({ in: features, out });
  widths.forEach((width, i) => assertPositiveInteger({ [`widths[${i}]`]: width }));
  const between = activationOf(chosen);
  const sizes = [features, ...widths, out];
  const layers = sizes.slice(1).flatMap((size, i): Layer<TensorTree>[] => {
    const starts = i === widths.length ? headInit : init;
    const affine = dense({ in: sizes[i]!, out: size, ...(starts && { init: starts }) });
    return i === 0 ? [affine] : [between, affine];
  });
  return sequential<readonly TensorTree[]>(...layers);
}
