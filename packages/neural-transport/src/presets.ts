/**
 * Flows and energies sized for SVHN, CIFAR-10 and CelebA: the `flow` and `energy` of
 * `neuralTransport`.
 *
 * Images are those that the flow takes, at any scale common to all of them.
 * - Backbone: Glow (arXiv 1807.03039) with bounded scales.
 * - Energy: the strided network of the family of arXiv 2006.06897. It starts at 0, so the model
 *   starts as its flow.
 */
import { convEnergy, type EnergyModel } from "@ergodic/energies";
import { glow, type Flow } from "@ergodic/flows";
import { initializers } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";

export interface TransportPresetOptions {
  /** K: steps of flow per level. Default 16. */
  readonly steps?: number;
  /** Channels of the coupling networks. Default 512. */
  readonly width?: number;
  /**
   * n: channels of the first convolution of the energy. The others have 2, 4 and 8 times as many.
   * Default 64.
   */
  readonly features?: number;
}

export interface TransportPreset {
  readonly flow: Flow;
  readonly energy: EnergyModel<readonly TensorTree[]>;
}

const zeros = { weight: initializers.zeros, bias: initializers.zeros };

const preset =
  (side: number, levels: number, multiples: readonly number[]) =>
  ({ steps = 16, width = 512, features = 64 }: TransportPresetOptions = {}): TransportPreset => ({
    flow: glow({ shape: [side, side, 3], levels, steps, width }),
    energy: convEnergy({
      imageShape: [side, side, 3],
      widths: multiples.map((multiple) => multiple * features),
      activation: "swish",
      headInit: zeros,
    }),
  });

/** 32x32x3, three levels: 22,181,136 parameters of the flow and 2,763,393 of the energy. */
export const svhn32Transport = preset(32, 3, [1, 2, 4, 8]);

/** The same sizes as `svhn32Transport`. */
export const cifar10Transport = svhn32Transport;

/** 64x64x3, four levels, with one more stage in the energy. */
export const celeba64Transport = preset(64, 4, [1, 2, 4, 8, 8]);
