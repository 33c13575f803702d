/** Translation of small images, without pairs or with them: the networks and settings that presets share. */
import { cycleCoopNets, pairedCoopNets, type Sides } from "@ergodic/cooperative";
import type { ImageBatch } from "@ergodic/data";
import { convEnergy, pairEnergy } from "@ergodic/energies";
import { imageTranslator } from "@ergodic/generators";
import { adam, linearDecay } from "@ergodic/nn";
import { z } from "zod";

const count = z.number().int().min(1);
const weight = z.number().min(0);

/** Options of every preset of small images. */
export const smallTranslationOptions = {
  /** Channels of the three convolutions of an energy, each of stride 2. */
  energyWidths: z.array(count).length(3).default([32, 64, 64]),
  /** "local" lets `ergodic translate --refine` take pictures of any size. */
  energyHead: z.enum(["dense", "local"]).default("dense"),
  /** Channels of a translator at full size, and its residual blocks at half of it. */
  width: count.default(16),
  blocks: count.default(2),
  steps: count.default(15),
  /** A step moves a pixel by this times the gradient, which is clipped. */
  drift: z.number().positive().default(1),
  gradientLimit: z.number().positive().default(0.05),
  /** Standard deviation of a step's noise; pixels are in [-1, 1]. */
  noise: weight.default(0.02),
  teaching: weight.default(5.56),
  /** Weight of the cycle error in each side. */
  cycle: weight.default(1),
  /** Weight of the identity loss, relative to that of the cycle. */
  identity: weight.default(0),
  /** Weight of squared energies. */
  penalty: weight.default(0),
  /** Rates at the start; they fall in the second half. */
  energyLearningRate: z.number().positive().default(3e-4),
  translatorLearningRate: z.number().positive().default(5e-4),
};

export type SmallTranslationOptions = z.output<z.ZodObject<typeof smallTranslationOptions>>;

type Shape = readonly [height: number, width: number, channels: number];

/** A batch of both sides. */
export type ImagePair = Sides<ImageBatch>;

const smallEnergy = ({ energyWidths: widths, energyHead: head }: SmallTranslationOptions, imageShape: Shape) =>
  convEnergy({ imageShape, widths, head, kernels: [4, 4, 4], strides: [2, 2, 2], padding: 1 });

/**
 * The networks, chain, weights and optimisers for images of one size, with channels of each side.
 */
export function smallNetworks(
  options: SmallTranslationOptions,
  { iterations }: { readonly iterations: number },
  { x, y }: Sides<Shape>,
) {
  const { width, blocks, steps, drift, gradientLimit, noise, penalty, teaching, cycle, identity } = options;
  const half = Math.ceil(iterations / 2);
  const optimizer = (initial: number) =>
    adam({ learningRate: linearDecay({ initial, final: 1e-5, after: half, over: half }), beta1: 0.5 });
  const translator = (from: Shape, to: Shape) =>
    imageTranslator({
      ...{ in: from[2], out: to[2], width, blocks },
      ...{ halvings: 1, outerKernel: 3, halvingKernel: 4, border: "zeros" },
    });
  return {
    energies: { x: smallEnergy(options, x), y: smallEnergy(options, y) },
    translators: { toX: translator(y, x), toY: translator(x, y) },
    chain: { steps, drift, noise, gradientClip: { limit: gradientLimit } },
    weights: { teaching, cycle: { x: cycle, y: cycle }, identity },
    penalty,
    optimizers: {
      energyX: optimizer(options.energyLearningRate),
      energyY: optimizer(options.energyLearningRate),
      translators: optimizer(options.translatorLearningRate),
    },
  };
}

/** The learner for images of one size. */
export const smallTranslation = (
  options: SmallTranslationOptions,
  training: { readonly iterations: number },
  shapes: Sides<Shape>,
) =>
  cycleCoopNets({
    ...smallNetworks(options, training, shapes),
    observe: ({ x, y }: ImagePair) => ({ x: x.images, y: y.images }),
  });

/**
 * The learner for pairs of images of one size. Its energies see both images side by side as
 * channels.
 */
export function pairedTranslation(
  options: SmallTranslationOptions,
  training: { readonly iterations: number },
  shapes: Sides<Shape>,
) {
  const [height, width, channels] = shapes.x;
  const energy = () => pairEnergy(smallEnergy(options, [height, width, channels + shapes.y[2]]));
  return pairedCoopNets({
    ...smallNetworks(options, training, shapes),
    energies: { x: energy(), y: energy() },
    observe: ({ x, y }: ImagePair) => ({ x: x.images, y: y.images }),
  });
}
