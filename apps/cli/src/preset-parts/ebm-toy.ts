/**
 * Energies of points in the plane, shared by the presets of the objectives: one network, one
 * sampler, any objective.
 */
import type { PointBatch } from "@ergodic/data";
import { mlpEnergy, type EnergyModel } from "@ergodic/energies";
import { adam, clipped, cosine } from "@ergodic/nn";
import { energyLearner, type Objective } from "@ergodic/objectives";
import { langevin, type Energy } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { planeEvaluation, planeSets } from "./plane-sets.js";

/** Uniform on a square around every set. */
export const start = (key: Key, n: number): tf.Tensor => random.uniform(key, [n, 2], { low: -4.5, high: 4.5 });

export const kernel = (energy: Energy) => langevin({ energy, stepSize: 0.15 });

export interface EbmToy<S extends TensorTree> {
  readonly name: string;
  /** How it learns, in a few words. */
  readonly description: string;
  readonly objective: <P extends TensorTree>(model: EnergyModel<P>) => Objective<P, S>;
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Default 3,000. */
  readonly iterations?: number;
}

/** Energy 2-128-128-1; samples are 200 Langevin steps from uniform starts. */
export function ebmToy<S extends TensorTree>(toy: EbmToy<S>) {
  const { name, description, objective, learningRate = 1e-3, iterations = 3_000 } = toy;
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
    model: ({ learningRate: initial }, training) =>
      energyLearner({
        model: mlpEnergy({ in: 2, widths: [128, 128], activation: "swish" }),
        objective,
        optimizer: clipped(
          adam({
            learningRate: cosine({ initial, final: initial / 50, steps: training.iterations }),
          }),
          { maxNorm: 10 },
        ),
        observe: (batch: PointBatch) => batch.points,
        sampling: { kernel, steps: 200, fresh: start },
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
