/** Eight Gaussians on a circle of radius 1, and the small energy that learns them. */
import { gaussianRing } from "@ergodic/data";
import { conditionalMlpEnergy } from "@ergodic/energies";
import { initializers } from "@ergodic/nn";

export const ring = gaussianRing({ count: 8, radius: 1, sd: 0.1 });

/** Weights at the scale of He, but for a small head: at first the chains hardly move. */
export const ringEnergy = (widths: readonly number[] = [64, 64, 64]) =>
  conditionalMlpEnergy({
    ...{ in: 2, widths, activation: "swish", features: 16 },
    init: { weight: initializers.heNormal, bias: initializers.zeros },
    headInit: { weight: initializers.scaled(initializers.xavierUniform, 0.01), bias: initializers.zeros },
  });
