/**
 * Energies of points in the plane, shared by the presets of the objectives: one network, one
 * sampler, any objective.
 */
import type { PointBatch } from "@ergodic/data";
import { mlpEnergy, type EnergyModel } from "@ergodic/energies";
import { adam, clipped, cosine, exponentialDecay, initializers } from "@ergodic/nn";
import { energyLearner, gaussianNoise, type Objective } from "@ergodic/objectives";
import { cycle, independence, mala, type Energy } from "@ergodic/samplers";
import type { TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { planeEvaluation, planeSets, type PlaneSet } from "./plane-sets.js";

/** A Gaussian around every set. Chains start from it. */
export const wide = gaussianNoise({ shape: [2], sd: 2.5 });

/** Chains that stay in their mode. Their steps have the width of the narrowest mode. */
export const local =
  ({ width }: PlaneSet) =>
  (energy: Energy) =>
    mala({ energy, stepSize: width });

const wideProposal = { sample: wide.sample, energy: (x: tf.Tensor) => tf.neg(wide.logDensity(x)) as tf.Tensor1D };

/** The same with jumps to draws of `wide`, which connect the modes. */
export const jumping = (set: PlaneSet) => (energy: Energy) =>
  cycle<tf.Tensor>([local(set)(energy), independence({ energy, proposal: wideProposal })]);

/**
 * The noise of score matching, whose energy is that of the data blurred by it. Much noise tells
 * what modes far apart weigh, which little noise alone does not; little noise blurs little. So it
 * falls.
 */
export const fallingNoise = ({ width }: PlaneSet) =>
  exponentialDecay({ initial: 0.5, factor: 0.1, every: 2_000, floor: width / 2 });

export interface EbmToy<S extends TensorTree> {
  readonly name: string;
  /** How it learns, in a few words. */
  readonly description: string;
  readonly objective: (set: PlaneSet) => <P extends TensorTree>(model: EnergyModel<P>) => Objective<P, S>;
  /** Default 0.005. */
  readonly learningRate?: number;
  /** Default 3,000. */
  readonly iterations?: number;
}

/**
 * Energy 2-128-128-1; samples are 200 steps of chains that jump.
 *
 * Weights start at the scale of He et al. At the default scale, two fifths of it, the energy of
 * eight Gaussians is still a ring after a thousand updates.
 */
export function ebmToy<S extends TensorTree>(toy: EbmToy<S>) {
  const { name, description, objective, learningRate = 5e-3, iterations = 3_000 } = toy;
  return defineExperiment({
    name,
    description: `points in the plane, an energy learned by ${description}`,
    options: z.object({
      /** Eight Gaussians on a circle, two moons or a checkerboard. */
      set: z.enum(["gaussians", "moons", "checkerboard"]).default("gaussians"),
      /** A multiple of the batch size, so that every batch is full. */
      examples: z.number().int().min(1).default(102_400),
      /** At the start; it falls to a fiftieth along a cosine. */
      learningRate: z.number().positive().default(learningRate),
    }),
    data: ({ set, examples }) => planeSets[set].source({ size: examples }),
    model: ({ set, learningRate: initial }, training) =>
      energyLearner({
        model: mlpEnergy({
          in: 2,
          widths: [128, 128],
          activation: "swish",
          init: { weight: initializers.heNormal },
        }),
        objective: objective(planeSets[set]),
        optimizer: clipped(
          adam({
            learningRate: cosine({ initial, final: initial / 50, steps: training.iterations }),
          }),
          { maxNorm: 10 },
        ),
        observe: (batch: PointBatch) => batch.points,
        sampling: { kernel: jumping(planeSets[set]), steps: 200, fresh: wide.sample },
      }),
    training: {
      iterations,
      batchSize: 256,
      sampleEvery: 1_000,
      checkpointEvery: 1_000,
      sampleCount: 1_000,
    },
    evaluation: ({ set }) => planeEvaluation(planeSets[set]),
  });
}
