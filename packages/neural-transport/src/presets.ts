/**
 * Flows and energies of the sizes for SVHN, CIFAR-10 and CelebA: what `neuralTransport` takes as `flow` and `energy`.
 *
 * Images are those that the flow sees, of any scale that is the same for all of them. Backbone: Glow (arXiv 1807.03039) with bounded scales; energy: the
 * strided network of arXiv 2006.06897's family, which starts at 0, so that the model starts as its flow.
 */
import { convEnergy, type EnergyModel } from "@ergodic/energies";
import { glow, type Flow } from "@ergodic/flows";
import { initializers } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";

export interface PresetOptions {
  /** K: steps of flow a level. Default 16. */
  readonly steps?: number;
  /** Channels of the couplings' networks. Default 512. */
  readonly width?: number;
  /** n: channels of the energy's first convolution; the others have 2, 4 and 8 times as many. Default 64. */
  readonly features?: number;
}

export interface Preset {
  readonly flow: Flow;
  readonly energy: EnergyModel<readonly TensorTree[]>;
}

const zeros = { weight: initializers.zeros, bias: initializers.zeros };

const preset =
  (side: number, levels: number, multiples: readonly number[]) =>
  ({ steps = 16, width = 512, features = 64 }: PresetOptions = {}): Preset => ({
    flow: glow({ shape: [side, side, 3], levels, steps, width }),
    energy: convEnergy({
      imageShape: [side, side, 3],
      widths: multiples.map((multiple) => multiple * features),
      activation: "swish",
      headInit: zeros,
    }),
  });

/** 32x32x3, three levels: 22,181,136 parameters in the flow and 2,763,393 in the energy. */
export const svhn32 = preset(32, 3, [1, 2, 4, 8]);

/** As `svhn32`. */
export const cifar10 = svhn32;

/** 64x64x3, four levels, and one stage more in the energy. */
export const celeba64 = preset(64, 4, [1, 2, 4, 8, 8]);
