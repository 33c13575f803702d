/** `ergodic train cyclecoop/moving-digits` */
import { sequenceCoopNets, type Sides } from "@ergodic/cooperative";
import { changed, edges, movingDigits, withheldPairs } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { imagePredictor } from "@ergodic/generators";
import { adam } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { smallNetworks, smallTranslationOptions } from "../../preset-parts/translation-images.js";

const side = 24;
const shape = [side, side, 1] as const;
type Frames = { frames: tf.Tensor4D[] };

/** Digits that move, and the edges of other digits that move. */
const sequences = ({ dataFrom, examples, pairs }: { dataFrom: string; examples: number; pairs: number }) => {
  const digits = movingDigits(mnist({ split: "train", limit: examples, side: 16, from: dataFrom }), { side, speed: 3 });
  const outlines = changed(digits, "edges", ({ frames }: Frames) => {
    const drawn = frames.map((frame) => tf.tidy(() => edges(frame)));
    tf.dispose(frames);
    return { frames: drawn };
  });
  return withheldPairs(digits, outlines, { withheld: pairs });
};

export default defineExperiment({
  name: "cyclecoop/moving-digits",
  description: "moving MNIST digits to moving edges and back, learned without pairs (arXiv 2103.04285, 1808.05174)",
  options: z.object({
    ...smallTranslationOptions,
    energyWidths: z.array(z.number().int().min(1)).length(3).default([16, 32, 32]),
    steps: z.number().int().min(1).default(10),
    /** Channels and halvings of the predictors. */
    predictorWidth: z.number().int().min(1).default(16),
    predictorLevels: z.number().int().min(1).max(3).default(3),
    /** Weight of the error there, a frame on, and back; 0 translates frame by frame. */
    recycle: z.number().min(0).default(1),
    prediction: z.number().min(0).default(1),
    /** "package" for the digits of @ergodic/data, or a folder with the four IDX files. */
    dataFrom: z.string().default("package"),
    examples: z.number().int().min(4).max(60_000).default(10_000),
    /** Sequences kept for evaluation. */
    pairs: z.number().int().min(2).default(200),
  }),
  data: sequences,
  model: (options, training) => {
    const settings = smallNetworks(options, training, { x: shape, y: shape });
    const predictor = () =>
      imagePredictor({ channels: 1, levels: options.predictorLevels, width: options.predictorWidth });
    return sequenceCoopNets({
      ...settings,
      weights: { ...settings.weights, recycle: options.recycle, prediction: options.prediction },
      predictors: { x: predictor(), y: predictor() },
      optimizers: { ...settings.optimizers, predictors: adam({ learningRate: 1e-3, beta1: 0.5 }) },
      observe: ({ x, y }: Sides<Frames>) => ({ x: x.frames, y: y.frames }),
    });
  },
  evaluation: (options) => ({ pairs: { load: async () => (await sequences(options).load()).withheld } }),
  training: { iterations: 300, batchSize: 16, sampleEvery: 100, checkpointEvery: 50, keepCheckpoints: 6 },
});
