/** The small fully connected energy with a condition, a noise level by default. */
import type * as tf from "@tensorflow/tfjs-core";
import {
  activationOf,
  dense,
  learningOfPart,
  refreshed,
  scaleAndShift,
  sequential,
  sinusoidal,
  type ActivationLayer,
  type AffineParams,
  type Conditioned,
  type Layer,
} from "@ergodic/nn";
import { assertPositiveInteger, assertShape, fail, random, type TensorTree } from "@ergodic/tensor";
import { conditionalNetworkEnergy, type ConditionalEnergy } from "./conditional-energy.js";
import type { MlpEnergyOptions } from "./mlp-energy.js";

export interface ConditionalMlpEnergyOptions extends MlpEnergyOptions {
  /**
   * Features of the embedded condition; even, at least 4, for the default embedding. Default 64.
   */
  readonly features?: number;
  /**
   * From the condition to `[batch, features]`, for instance `embedding` for symbols. Default: sines
   * and cosines of the condition, one number per example, and an affine layer with the activation.
   */
  readonly embed?: Layer;
}

/** `modulations[i]` scales and shifts what `affines[i]` gives. */
export type ConditionalMlpParams = {
  readonly embed: TensorTree;
  readonly affines: readonly AffineParams[];
  readonly modulations: readonly AffineParams[];
  readonly head: AffineParams;
};

const timeEmbedding = (features: number, between: ActivationLayer): Layer =>
  sequential(sinusoidal({ width: features }), dense({ in: features, out: features }), between);

/**
 * E(x; c) = w · h_L + b with h_l = a((1 + s_l(e)) (W_l h_(l-1) + b_l) + t_l(e)), h_0 = x and e =
 * embed(c).
 *
 * x `[batch, in]`, condition `[batch]` for the default embedding, energies `[batch]`. All s_l and
 * t_l begin at 0, so a fresh energy does not depend on the condition. Scale and shift as in FiLM,
 * Perez et al., arXiv 1709.07871.
 *
 * @throws ValidationError for a size that is not a positive integer, an unknown activation, or an x
 *   or condition of another shape.
 */
export function conditionalMlpEnergy(options: ConditionalMlpEnergyOptions): ConditionalEnergy<ConditionalMlpParams> {
  const {
    in: inputs,
    widths = [200, 200],
    activation: chosen = "leakyRelu",
    init,
    headInit = init,
    features = 64,
  } = options;
  assertPositiveInteger({ in: inputs, features });
  if (widths.length === 0) fail("widths is empty", "at least one hidden layer", "for example [200, 200]");
  widths.forEach((width, i) => assertPositiveInteger({ [`widths[${i}]`]: width }));
  const between = activationOf(chosen);
  const embed = options.embed ?? timeEmbedding(features, between);
  const affines = widths.map((out, i) => dense({ in: widths[i - 1] ?? inputs, out, ...(init && { init }) }));
  const modulations = widths.map((channels) => scaleAndShift({ channels, features }));
  const head = dense({ in: widths.at(-1)!, out: 1, ...(headInit && { init: headInit }) });
  const network: Layer<ConditionalMlpParams, Conditioned> = {
    init: (key) => ({
      embed: embed.init(random.fold(key, 0)),
      affines: affines.map((layer, i) => layer.init(random.fold(random.fold(key, 1), i))),
      modulations: modulations.map((layer, i) => layer.init(random.fold(random.fold(key, 2), i))),
      head: head.init(random.fold(key, 3)),
    }),
    apply(params, { image, condition }, learning) {
      const embedded = embed.apply(params.embed, condition, learningOfPart(learning, 0));
      const hidden = affines.reduce<tf.Tensor>((input, affine, i) => {
        const inside = affine.apply(params.affines[i]!, input);
        const moved = modulations[i]!.apply(params.modulations[i]!, { image: inside, condition: embedded });
        return between.apply([], moved);
      }, image);
      return head.apply(params.head, hidden);
    },
    ...(embed.refresh && {
      refresh: (params: ConditionalMlpParams, { condition }: Conditioned) => ({
        ...params,
        embed: refreshed(embed, params.embed, condition),
      }),
    }),
  };
  const model = conditionalNetworkEnergy(network);
  return {
    ...model,
    energy(params, x, condition, learning) {
      assertShape("the input of conditionalMlpEnergy", x, [null, inputs], `this energy was made with in: ${inputs}`);
      return model.energy(params, x, condition, learning);
    },
  };
}
