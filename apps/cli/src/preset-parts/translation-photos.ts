/**
 * Translation of photographs at 256 x 256, with the networks and settings of the code of
 * CycleCoopNets (arXiv 2103.04285), on the data sets of CycleGAN (arXiv 1703.10593).
 */
import { cycleCoopNets } from "@ergodic/cooperative";
import { augmented, unpaired } from "@ergodic/data";
import { images } from "@ergodic/data/node";
import { convEnergy } from "@ergodic/energies";
import { imageTranslator } from "@ergodic/generators";
import { adam, initializers, linearDecay } from "@ergodic/nn";
import { fail } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { join } from "node:path";
import { z } from "zod";
import type { ImagePair } from "./translation-images.js";

const count = z.number().int().min(1);
const weight = z.number().min(0);

const photoOptions = {
  /** The folder of the data set, with `trainA`, `trainB`, `testA` and `testB`. */
  from: z.string().default(""),
  /** A folder that keeps decoded pictures. */
  cache: z.string().optional(),
  size: z.union([z.literal(256), z.literal(128), z.literal(64)]).default(256),
  /** Channels of translators and energies at full size. */
  width: count.default(64),
  blocks: count.default(9),
  dropout: z.number().min(0).lt(1).default(0.5),
  outputs: count.default(100),
  /** "local" lets `ergodic translate --refine` take pictures of any size. */
  energyHead: z.enum(["dense", "local"]).default("dense"),
  steps: count.default(20),
  stepSize: z.number().positive().default(0.002),
  referenceSd: z.number().positive().default(0.016),
  /** The authors' code adds no noise. */
  noise: weight.default(0),
  teaching: weight.default(1),
  cycle: weight.default(10),
  identity: weight.default(0),
  energyLearningRate: z.number().positive().default(2e-4),
  translatorLearningRate: z.number().positive().default(2e-4),
};

type PhotoOptions = z.output<z.ZodObject<typeof photoOptions>>;

/** The numbers of training pictures of a data set. */
export interface PhotoSet {
  /** The name of its file. */
  readonly name: string;
  /** The name of the preset, without its folder. */
  readonly preset: string;
  /** What the sides are, such as "horses to zebras". */
  readonly description: string;
  readonly a: number;
  readonly b: number;
}

const url = "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets";

function side({ from, size, cache }: PhotoOptions, { name }: PhotoSet, part: "trainA" | "trainB") {
  if (from === "")
    fail(
      "options.from is not set",
      `the folder of ${name}`,
      `get it from ${url}/${name}.zip: --set options.from=${name}/`,
    );
  const pictures = images({ from: join(from, part), size, ...(cache !== undefined && { cache }) });
  return augmented(pictures, { flip: true, crop: Math.round((15 * size) / 256) });
}

/** Epochs at the full rate, and epochs of its decay. */
const half = 50;

/** The experiment of a data set: 100 epochs of one picture of each side. */
export function translationOfPhotos(set: PhotoSet) {
  const perEpoch = Math.max(set.a, set.b);
  return defineExperiment({
    name: `cyclecoop/${set.preset}`,
    description: `${set.description}, learned without pairs at 256 x 256 (arXiv 2103.04285)`,
    options: z.object(photoOptions),
    data: (options) => unpaired(side(options, set, "trainA"), side(options, set, "trainB")),
    model: (options) => {
      const { size, width, blocks, dropout, outputs, steps, stepSize, referenceSd, noise, cycle } = options;
      const init = { weight: initializers.normal(0.002), bias: initializers.zeros };
      const rate = (initial: number, final: number) =>
        adam({
          learningRate: linearDecay({ initial, final, after: half, over: half, every: perEpoch }),
          beta1: 0.5,
        });
      const energy = () =>
        convEnergy({
          imageShape: [size, size, 3],
          widths: [width, 2 * width, 4 * width, 8 * width],
          outputs,
          head: options.energyHead,
          init,
        });
      const translator = () =>
        imageTranslator({
          ...{ in: 3, out: 3, width, blocks, dropout, doubling: "transposed", init },
          norm: { epsilon: 1e-6, init: { scale: initializers.normal(0.02, 1) } },
        });
      return cycleCoopNets({
        energies: { x: energy(), y: energy() },
        translators: { toX: translator(), toY: translator() },
        chain: { steps, stepSize, noise, withNoise: noise > 0, referenceSd },
        weights: { teaching: options.teaching, cycle: { x: cycle, y: cycle }, identity: options.identity },
        optimizers: {
          energyX: rate(options.energyLearningRate, 1e-5),
          energyY: rate(options.energyLearningRate, 1e-5),
          translators: rate(options.translatorLearningRate, 0),
        },
        observe: ({ x, y }: ImagePair) => ({ x: x.images, y: y.images }),
      });
    },
    training: {
      iterations: 2 * half * perEpoch,
      batchSize: 1,
      checkpointEvery: perEpoch,
      keepCheckpoints: 10,
      sampleEvery: perEpoch,
    },
  });
}
