/** Diffusion recovery likelihood with the networks, chains and rates of the paper. */
import { augmented } from "@ergodic/data";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import {
  publishedImageOptions,
  publishedImages,
  type PublishedSetName,
  type WholeSetName,
} from "./published-images.js";
import { recoveryImages, recoveryOptions, type RecoveryTable } from "./recovery.js";

/** The settings that all published runs share. */
const common = { channels: 128, steps: 30, learningRate: 1e-4, warmup: 1_000, beta1: 0.9 };
const at32 = { imageShape: [32, 32, 3], multipliers: [1, 2, 2, 2] } as const;
const at64 = { imageShape: [64, 64, 3], multipliers: [1, 2, 2, 2, 4] } as const;
const at128 = { imageShape: [128, 128, 3], multipliers: [1, 2, 2, 2, 4, 4] } as const;

interface PublishedRecovery {
  readonly set: PublishedSetName | WholeSetName;
  /** The data in words. */
  readonly about: string;
  readonly table: RecoveryTable;
  readonly batchSize: number;
  readonly iterations: number;
}

/**
 * Iterations are those of the paper; they are not in its code. Images are mirrored with probability
 * 1/2.
 */
export const publishedRecoveries = {
  "recovery/cifar10-t6": {
    ...{ set: "cifar10", about: "CIFAR-10, six noise levels" },
    table: { ...common, ...at32, blocks: 8 },
    ...{ batchSize: 256, iterations: 240_000 },
  },
  "recovery/cifar10-t1k": {
    ...{ set: "cifar10", about: "CIFAR-10, a thousand noise levels without chains" },
    table: { ...common, ...at32, blocks: 8, levels: 1_000, sampler: "normal" },
    ...{ batchSize: 256, iterations: 240_000 },
  },
  "recovery/celeba-64": {
    ...{ set: "celeba-64-whole", about: "CelebA at 64 x 64, six noise levels" },
    table: { ...common, ...at64, blocks: 6, beta1: 0.5 },
    ...{ batchSize: 128, iterations: 880_000 },
  },
  "recovery/lsun-church-64": {
    ...{ set: "lsun-church-64", about: "LSUN churches at 64 x 64, six noise levels" },
    table: { ...common, ...at64, blocks: 2 },
    ...{ batchSize: 128, iterations: 960_000 },
  },
  "recovery/lsun-bedroom-64": {
    ...{ set: "lsun-bedroom-64", about: "LSUN bedrooms at 64 x 64, six noise levels" },
    table: { ...common, ...at64, blocks: 2 },
    ...{ batchSize: 128, iterations: 760_000 },
  },
  "recovery/lsun-church-128": {
    ...{ set: "lsun-church-128", about: "LSUN churches at 128 x 128, six noise levels" },
    table: { ...common, ...at128, blocks: 2, beta1: 0.5 },
    ...{ batchSize: 64, iterations: 840_000 },
  },
  "recovery/lsun-bedroom-128": {
    ...{ set: "lsun-bedroom-128", about: "LSUN bedrooms at 128 x 128, six noise levels" },
    table: { ...common, ...at128, blocks: 5, beta1: 0.5 },
    ...{ batchSize: 64, iterations: 580_000 },
  },
} as const satisfies Readonly<Record<string, PublishedRecovery>>;

/** A preset of a published run, by its name. */
export function publishedRecovery(name: keyof typeof publishedRecoveries) {
  const { set, about, table, batchSize, iterations }: PublishedRecovery = publishedRecoveries[name];
  return defineExperiment({
    name,
    description: `${about}, by recovery likelihood as published (arXiv 2012.08125)`,
    options: z.object({ ...publishedImageOptions, ...recoveryOptions(table) }),
    data: (options) => augmented(publishedImages(set, options, "train"), { flip: true }),
    model: (options) => recoveryImages(options, table),
    evaluation: (options) => ({ test: publishedImages(set, options, "test") }),
    training: {
      ...{ iterations, batchSize, averaging: 0.999 },
      ...{ checkpointEvery: 5_000, sampleEvery: 5_000, logEvery: 100 },
    },
  });
}
