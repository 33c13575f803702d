/** `ergodic train latent-diffusion/dialogue`: replies in the context of a dialogue. arXiv 2206.05895. */
import type { ReplyBatch, SentencesInContext } from "@ergodic/data";
import { readDailyDialog, repliesOf } from "@ergodic/data/node";
import { conditionalResidualMlp } from "@ergodic/energies";
import {
  normalInference,
  replyEncoder,
  sequenceDecoder,
  turnsEncoder,
  type Reply,
  type TurnsEncoderOptions,
  type TurnsEncoderParams,
} from "@ergodic/generators";
import { latentDiffusion } from "@ergodic/latent-priors";
import { adam, clipped, type Layer } from "@ergodic/nn";
import { ladder, langevinSteps } from "@ergodic/noising";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { symbolOptions } from "../../preset-parts/latent-diffusion-sentences.js";
import { sentenceEvaluation, sharedCorpus } from "../../preset-parts/latent-prior-sentences.js";

const count = z.number().int().min(1);
const { supervision: _, model: __, ...shared } = symbolOptions;

const options = z.object({
  ...shared,
  words: count.default(3_000),
  longest: count.max(255).default(15),
  latentDimension: count.default(32),
  symbols: count.default(16),
  clusterEvery: count.default(200),
  /** Numbers of an encoded context. */
  context: count.default(128),
  /** The most turns of a context. */
  turns: count.default(5),
  learningRate: symbolOptions.learningRate.default(2e-3),
  /** The folder of DailyDialog. */
  dataFrom: z.string().default("data/daily_dialog"),
});
type Options = z.output<typeof options>;

const replies = sharedCorpus<Options, SentencesInContext>(
  async ({ dataFrom, turns }, split) =>
    repliesOf(await readDailyDialog({ from: dataFrom, split, labels: "act" }), turns),
  () => ({ stride: 8 }),
);

export default defineExperiment({
  name: "latent-diffusion/dialogue",
  description: "replies of DailyDialog in their context, from latents by diffusion in that context (arXiv 2206.05895)",
  options,
  data: (chosen) => replies(chosen).source("train"),
  model: (chosen) => {
    const { latentDimension, embedding, hidden, dropout, longest, symbols, context, width, blocks } = chosen;
    const { levels, steps, weights, freeBits, learningRate, energyLearningRate } = chosen;
    const text = replies(chosen);
    const sizes = { symbols: text.symbols, embedding, hidden };
    const diffused = ladder.recovery(levels);
    const learning = clipped(adam({ learningRate }), { maxNorm: 5 });
    return latentDiffusion({
      ...sequenceDecoder({
        ...{ ...sizes, latentDimension: latentDimension + context, dropout, cell: "gru" },
        maxLength: longest + 1,
        vocabulary: { textOf: text.textOf },
      }),
      inference: normalInference({
        dimension: latentDimension,
        network: replyEncoder({ ...sizes, out: 2 * latentDimension }),
        floor: 0,
      }),
      network: conditionalResidualMlp({ in: latentDimension, out: symbols, context, width, blocks }),
      context: {
        network: contextEncoder({ ...sizes, out: context }),
        optimizer: learning,
        data: text.source("train"),
      },
      symbols,
      ladder: diffused,
      chain: { steps, stepSizes: langevinSteps(diffused, 2e-3) },
      weights,
      ...(freeBits !== null && { freeBits }),
      labels: ({ labels }: ReplyBatch) => labels!,
      supervision: { data: text.source("train"), every: chosen.clusterEvery },
      symbolLevels: chosen.symbolLevels,
      optimizers: {
        generator: learning,
        inference: learning,
        energy: clipped(adam({ learningRate: energyLearningRate }), { maxNorm: 10 }),
      },
      observe: ({ next, weight, context: turns }: ReplyBatch): Reply => ({ tokens: next, weight, context: turns }),
    });
  },
  evaluation: (chosen) => sentenceEvaluation(chosen, replies(chosen)),
  training: {
    phases: { autoencoder: 1_000, rise: 500, joint: 1_000 },
    ...{ batchSize: 64, averaging: 0.99, checkpointEvery: 1_000, sampleEvery: 1_000 },
  },
});

/** The encoder of the turns before a reply. */
function contextEncoder(sizes: TurnsEncoderOptions): Layer<TurnsEncoderParams, Reply> {
  const { init, apply } = turnsEncoder(sizes);
  return { init, apply: (params, { context }) => apply(params, context) };
}
