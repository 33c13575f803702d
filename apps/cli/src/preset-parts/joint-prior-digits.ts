/**
 * MNIST digits from latents of two layers: the common networks, data and evaluation of the presets
 * `joint-prior/*`.
 */
import { mlpEnergy, partwiseEnergy } from "@ergodic/energies";
import { bottomGenerator, gaussian, gaussianHierarchy, layeredInference, mlpDecoder } from "@ergodic/generators";
import { latentPrior, variationalPrior } from "@ergodic/latent-priors";
import { adam, flatten, mlp, sequential } from "@ergodic/nn";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { digitOptions } from "./latent-prior-digits.js";
import { latentPriorOptions } from "./latent-prior.js";

const { latentDimension: _, energyWidths: __, generatorLearningRate, ...shared } = latentPriorOptions;
const rate = z.number().positive();

/** Options of the model. */
export const jointModelOptions = {
  ...shared,
  /** Numbers in z1, which the generator reads, and in z2. */
  dimensions: z.tuple([z.number().int().min(1), z.number().int().min(1)]).default([16, 8]),
  /** False fixes the prior at the Gaussian hierarchy. */
  tilted: z.boolean().default(true),
  generatorLearningRate,
  /** Of the law of z1 given z2. */
  conditionalLearningRate: rate.default(1e-3),
};

/** Options of the presets that learn all digits. */
export const jointPriorOptions = {
  examples: digitOptions.examples,
  dataFrom: digitOptions.dataFrom,
  ...jointModelOptions,
};

type JointModelOptions = z.output<z.ZodObject<typeof jointModelOptions>>;

const observe = (batch: { readonly images: tf.Tensor }): tf.Tensor => batch.images;

/**
 * Generator d1-128-256-784, law of z1 given z2 by a network d2-64-64-2 d1, and their optimisers.
 */
function parts({
  dimensions,
  sigma,
  generatorLearningRate: fast,
  conditionalLearningRate,
}: Omit<JointModelOptions, "tilted" | "posterior">) {
  const [bottom, top] = dimensions;
  const decoder = mlpDecoder({ latentDimension: bottom, widths: [128, 256], outputShape: [28, 28, 1] });
  return {
    generator: bottomGenerator(decoder),
    latents: gaussianHierarchy({
      dimensions,
      conditionals: [mlp({ in: top, widths: [64, 64], out: 2 * bottom })],
    }),
    observation: gaussian({ sigma }),
    observe,
    optimizers: {
      generator: adam({ learningRate: fast }),
      latents: adam({ learningRate: conditionalLearningRate }),
    },
  };
}

/** One energy for each layer. */
const energies = (
  [bottom, top]: JointModelOptions["dimensions"],
  widths: readonly [readonly number[], readonly number[]],
) =>
  partwiseEnergy({ z1: mlpEnergy({ in: bottom, widths: widths[0] }), z2: mlpEnergy({ in: top, widths: widths[1] }) });

/** All parts learned together by Langevin chains, posterior chains included. */
export function jointPriorModel(options: JointModelOptions) {
  const { dimensions, tilted, prior, posterior, energyLearningRate } = options;
  const { optimizers, ...rest } = parts(options);
  return latentPrior({
    ...rest,
    energy: tilted ? energies(dimensions, [[64, 64], [64]]) : undefined,
    prior,
    posterior,
    optimizers: { ...optimizers, energy: adam({ learningRate: energyLearningRate }) },
  });
}

/** A variational model, with inference 784-256-128-2 d1 and d1-64-64-2 d2. */
export function twoStageModel(
  options: Omit<JointModelOptions, "tilted" | "posterior"> & { readonly jacobian?: boolean },
) {
  const { dimensions, prior, jacobian = true, energyLearningRate, generatorLearningRate: fast } = options;
  const [bottom, top] = dimensions;
  const { optimizers, ...rest } = parts(options);
  return variationalPrior({
    ...rest,
    inference: layeredInference({
      dimensions,
      first: sequential(flatten(), mlp({ in: 784, widths: [256, 128], out: 2 * bottom })),
      upward: [mlp({ in: bottom, widths: [64, 64], out: 2 * top })],
    }),
    energy: energies(dimensions, [
      [128, 128],
      [128, 128],
    ]),
    ...{ prior, jacobian },
    optimizers: {
      ...optimizers,
      inference: adam({ learningRate: fast }),
      energy: adam({ learningRate: energyLearningRate }),
    },
  });
}
