/**
 * The tables of arXiv 2306.06323 for published images: two layers of latents, learned by posterior
 * chains or with an inference network.
 *
 * CIFAR-10 is that of the paper's code. For SVHN and CelebA-64 no settings are published: they have
 * the decoders of arXiv 2006.08205 with the other networks, chains and rates of CIFAR-10.
 */
import type { ImageBatch } from "@ergodic/data";
import { mlpEnergy, partwiseEnergy } from "@ergodic/energies";
import {
  bottomGenerator,
  gaussian,
  gaussianHierarchy,
  layeredInference,
  type DecoderPresetOptions,
  type VectorGenerator,
} from "@ergodic/generators";
import { latentPrior, variationalPrior } from "@ergodic/latent-priors";
import { adam, conv2d, flatten, leakyRelu, mlp, sequential, type Layer } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";
import { defineExperiment, type Learner, type LearnerState } from "@ergodic/training";
import { z } from "zod";
import { chain } from "./latent-prior.js";
import { publishedImageOptions, publishedImages, publishedSets, type PublishedSetName } from "./published-images.js";

export interface JointPriorTable {
  readonly set: PublishedSetName;
  readonly decoder: (options: DecoderPresetOptions) => VectorGenerator;
  /** Base width of the decoder. */
  readonly features: number;
  /** Numbers in z1, which the decoder reads, and in z2. */
  readonly dimensions: readonly [number, number];
  /** Convolutions of stride 2 in the inference network, from the side of the images down to 8. */
  readonly halvings: number;
}

const count = z.number().int().min(1);
const rate = z.number().positive();

const tableOptions = (table: JointPriorTable) =>
  z.object({
    ...publishedImageOptions,
    dimensions: z.tuple([count, count]).default([...table.dimensions]),
    /** Base width of the decoder; its cost grows with the square. */
    features: count.default(table.features),
    /** "chains" for posterior chains, "network" for draws of q(z | x) in their place. */
    inference: z.enum(["chains", "network"]).default("chains"),
    /** Base width of the inference network. */
    inferenceFeatures: count.default(64),
    /** Standard deviation of the observation noise, pixels in [-1, 1]. */
    sigma: rate.default(0.3),
    prior: chain(60, 0.4),
    posterior: chain(40, 0.1),
    /** Of decoder, conditional and inference networks. */
    generatorLearningRate: rate.default(1e-4),
    energyLearningRate: rate.default(2e-5),
  });

export type JointPriorTableOptions = z.output<ReturnType<typeof tableOptions>>;

const hidden = [200, 200, 200, 200];

/** Four hidden layers of 200, to mean and log standard deviation of `out` numbers. */
const lawOf = (input: number, out: number) => mlp({ in: input, widths: hidden, out: 2 * out });

/** Convolutions 3x3 to 4n channels, 4x4 of stride 2 to 8n and 16n, and one of 8x8 to `out`. */
function encoder(n: number, halvings: number, out: number): Layer<TensorTree> {
  const channels = Array.from({ length: halvings }, (_, i) => Math.min(8 * 2 ** i, 16) * n);
  const inputs = [4 * n, ...channels];
  return sequential<readonly TensorTree[]>(
    conv2d({ in: 3, out: 4 * n, kernel: 3, padding: 1 }),
    ...channels.flatMap((width, i) => [
      leakyRelu(),
      conv2d({ in: inputs[i]!, out: width, kernel: 4, stride: 2, padding: 1 }),
    ]),
    leakyRelu(),
    conv2d({ in: inputs.at(-1)!, out, kernel: 8, padding: 0 }),
    flatten(),
  );
}

/** The networks of a table. */
export function jointPriorNetworks(
  { decoder, halvings }: JointPriorTable,
  { dimensions, features, inferenceFeatures }: JointPriorTableOptions,
) {
  const [bottom, top] = dimensions;
  return {
    generator: bottomGenerator(decoder({ latentDimension: bottom, features })),
    latents: gaussianHierarchy({ dimensions, conditionals: [lawOf(top, bottom)] }),
    energy: partwiseEnergy({
      z1: mlpEnergy({ in: bottom, widths: [200, 200, 200] }),
      z2: mlpEnergy({ in: top, widths: [100, 100] }),
    }),
    inference: layeredInference({
      dimensions,
      first: encoder(inferenceFeatures, halvings, 2 * bottom),
      upward: [lawOf(bottom, top)],
    }),
  };
}

function learner(table: JointPriorTable, options: JointPriorTableOptions): Learner<LearnerState, ImageBatch> {
  const { sigma, prior, posterior, generatorLearningRate, energyLearningRate } = options;
  const { inference, ...networks } = jointPriorNetworks(table, options);
  const fast = adam({ learningRate: generatorLearningRate });
  const common = {
    ...networks,
    observation: gaussian({ sigma }),
    prior,
    observe: (batch: ImageBatch) => batch.images,
    optimizers: { generator: fast, latents: fast, inference: fast, energy: adam({ learningRate: energyLearningRate }) },
  };
  return options.inference === "chains"
    ? latentPrior({ ...common, posterior })
    : variationalPrior({ ...common, inference });
}

/** Epochs of the paper's code for CIFAR-10, for all tables. */
const epochs = 101;
const batchSize = 100;

/** The preset of a table. */
export function jointPriorTable(table: JointPriorTable) {
  const { set } = table;
  const { name, examples } = publishedSets[set];
  return defineExperiment({
    name: `joint-prior/${set}`,
    description: `${name} from two layers of latents with a joint energy-based prior (arXiv 2306.06323)`,
    options: tableOptions(table),
    data: (chosen) => publishedImages(set, chosen, "train"),
    model: (chosen) => learner(table, chosen),
    evaluation: (chosen) => ({ test: publishedImages(set, chosen, "test") }),
    training: {
      iterations: epochs * Math.ceil(examples / batchSize),
      ...{ batchSize, checkpointEvery: 1_000, sampleEvery: 1_000 },
    },
  });
}
