/**
 * Latent diffusion of points in the plane, with simpler models of the same networks for comparison:
 * without clusters, of one level, and with a plain prior. arXiv 2206.05895.
 *
 * Centres and spreads of the data are those of the released code. Networks, chains and lengths are
 * reduced, to a minute of training on a processor.
 */
import { gaussianGrid, gaussianRing, movedPoints, pinwheel, type LabelledPointBatch } from "@ergodic/data";
import { conditionalResidualMlp, type EnergyModel } from "@ergodic/energies";
import { gaussian, networkGenerator, normalInference } from "@ergodic/generators";
import { latentDiffusion, latentPrior } from "@ergodic/latent-priors";
import { adam, mlp, type Conditioned, type Layer } from "@ergodic/nn";
import { ladder, langevinSteps } from "@ergodic/noising";
import type { TensorTree } from "@ergodic/tensor";
import { defineExperiment, type Learner, type LearnerState } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";

/** Standard deviation of a mode, and the distance of the outermost modes from the axes. */
const [sd, reach] = [(0.5 / Math.SQRT2) * 4, (4 / Math.SQRT2) * 4];

const grid = gaussianGrid({ side: 4, spacing: (2 * reach) / 3, sd });
const ring = gaussianRing({ count: 8, radius: reach, sd });
const wheel = pinwheel({ blades: 10 });

/**
 * `depth` hidden layers of encoder and decoder. `averaging` of parameters makes samples of the ring and
 * the pinwheel closer to the data, and those of the grid not.
 */
const sets = {
  grid: { source: grid.source, modes: grid, symbols: 16, depth: 2, averaging: null, name: "16 Gaussians on a grid" },
  ring: { source: ring.source, modes: ring, symbols: 8, depth: 1, averaging: 0.99, name: "8 Gaussians on a ring" },
  pinwheel: {
    source: (options: { readonly size: number; readonly seed?: string }) =>
      movedPoints(wheel.source(options), { scale: 4 }),
    modes: undefined,
    symbols: 10,
    depth: 2,
    averaging: 0.99,
    name: "a pinwheel of 10 arms",
  },
} as const;

/** The widths of the kernels that samples and data are compared by. */
const bandwidths = [0.5, 1, 2];

/** The step of chains of priors without diffusion. */
const oneLevelStep = 0.4;

const count = z.number().int().min(1);
const rate = z.number().positive();

/** E(z) = -f(z, 0) of a network with one logit. */
const logitEnergy = <P extends TensorTree>({ init, apply, refresh }: Layer<P, Conditioned>): EnergyModel<P> => {
  const inputOf = (z: tf.Tensor): Conditioned => ({ image: z, condition: tf.zeros([z.shape[0]!]) });
  return {
    init,
    energy: (params, z) => tf.neg(tf.squeeze<tf.Tensor1D>(apply(params, inputOf(z)), [1])),
    refresh: (params, z) => refresh!(params, inputOf(z)),
  };
};

/** The preset of a set. */
export function planeDiffusion(set: keyof typeof sets) {
  const { source, modes, symbols, depth, averaging, name } = sets[set];
  const options = z.object({
    /**
     * "full"; "unclustered": without clusters; "one-level": also without diffusion, the
     * symbol-vector energy of arXiv 2108.11556; "plain": the latent-space energy of arXiv
     * 2006.08205, with chains in the place of inference.
     */
    model: z.enum(["full", "unclustered", "one-level", "plain"]).default("full"),
    examples: count.default(20_000),
    /** Width of encoder and decoder. */
    hidden: count.default(128),
    /** Width of the energy network, and its residual blocks. */
    width: count.default(64),
    blocks: count.default(4),
    /** T, where there is diffusion. */
    levels: count.min(2).default(6),
    /** K. */
    steps: count.default(20),
    clusterEvery: count.default(150),
    weights: z
      .object({
        divergence: z.number().min(0).default(1),
        information: z.number().min(0).default(0.05),
        symbols: z.number().min(0).default(0.05),
      })
      .prefault({}),
    learningRate: rate.default(1e-3),
    energyLearningRate: rate.default(1e-4),
  });
  type Options = z.output<typeof options>;
  const training = ({ examples }: Options) => source({ size: examples });

  return defineExperiment({
    name: `latent-diffusion/${set}`,
    description: `${name}, from latents by diffusion with energies coupled to ${symbols} symbols (arXiv 2206.05895)`,
    options,
    data: training,
    model: (chosen): Learner<LearnerState, LabelledPointBatch> => {
      const { hidden, width, blocks, steps, levels, weights, learningRate, energyLearningRate } = chosen;
      const widths = Array.from({ length: depth }, () => hidden);
      const parts = {
        generator: networkGenerator({
          latentDimension: 2,
          outputShape: [2],
          network: mlp({ in: 2, widths, out: 2, activation: "relu" }),
        }),
        observation: gaussian({ sigma: 1 }),
        observe: ({ points }: LabelledPointBatch) => points,
      };
      const learning = { generator: adam({ learningRate }), energy: adam({ learningRate: energyLearningRate }) };
      if (chosen.model === "plain")
        return latentPrior({
          ...parts,
          energy: logitEnergy(conditionalResidualMlp({ in: 2, out: 1, width, blocks })),
          prior: { steps, stepSize: oneLevelStep },
          posterior: { steps, stepSize: 0.1 },
          optimizers: learning,
        });
      const diffused = ladder.recovery(levels);
      const oneLevel = chosen.model === "one-level";
      return latentDiffusion({
        ...parts,
        inference: normalInference({
          dimension: 2,
          network: mlp({ in: 2, widths, out: 4, activation: "relu" }),
          floor: 0,
        }),
        network: conditionalResidualMlp({ in: 2, out: symbols, width, blocks }),
        symbols,
        ladder: oneLevel ? ladder.full(1) : diffused,
        chain: oneLevel
          ? { steps, stepSizes: Float64Array.of(oneLevelStep) }
          : { steps, stepSizes: langevinSteps(diffused, 2e-3) },
        energyScale: oneLevel ? "none" : "step",
        weights,
        labels: ({ labels }: LabelledPointBatch) => labels,
        supervision:
          chosen.model === "full" ? { data: training(chosen), every: chosen.clusterEvery, components: 2 } : undefined,
        optimizers: { ...learning, inference: adam({ learningRate }) },
      });
    },
    evaluation: {
      test: source({ size: 10_000, seed: "held out" }),
      samples: 5_000,
      cloud: { bandwidths, ...(modes && { modes: { means: modes.means, sd: modes.sd } }) },
    },
    training: {
      iterations: 1_500,
      batchSize: 256,
      averaging,
      checkpointEvery: 500,
      sampleEvery: 500,
      sampleCount: 1_000,
    },
  });
}
