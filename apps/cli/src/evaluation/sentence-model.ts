/** The functions of a trained model that scores of sentences use. */
import { wordsOf } from "@ergodic/data";
import type { SentenceModel } from "@ergodic/evaluation/node";
import { tree, type Key, type TensorTree } from "@ergodic/tensor";
import { readSamples } from "@ergodic/training";
import { CliError } from "../errors.js";
import type { OpenRun } from "../runs/open-run.js";
import { lawSamplers } from "./law-samplers.js";

/**
 * The sentences of a run's model, of the starts of its chain, and of a normal law fitted to
 * inferred latents of its data.
 *
 * @throws CliError when the model makes no samples
 */
export async function sentenceModel(opened: OpenRun, seed: number): Promise<SentenceModel> {
  const { learner, state } = opened.run;
  const { reconstruct, sampleGiven } = learner;
  const read = async (observations: TensorTree): Promise<readonly (readonly string[])[]> => {
    const samples = await readSamples(observations, learner.show?.bind(learner));
    tree.dispose(observations);
    if (samples.kind !== "text") throw new CliError(`the model makes ${samples.kind}; this score is one of sentences.`);
    return samples.texts.map(wordsOf);
  };
  const { classes, sampleClass } = learner;
  return {
    ...(classes !== undefined &&
      sampleClass && {
        symbols: {
          count: classes,
          sample: async (symbol: number, key: Key, n: number) =>
            read(await sampleClass.call(learner, state, symbol, key, n)),
        },
      }),
    samplers: await lawSamplers(opened, seed, read),
    reconstruct:
      reconstruct &&
      (async (batch, key) => {
        const made = await reconstruct.call(learner, state, batch, key);
        return { original: await read(made.original), reconstruction: await read(made.reconstruction) };
      }),
    reply:
      sampleGiven &&
      learner.data &&
      (async (batch, key) => ({
        original: await read(tree.clone(learner.data!(batch))),
        reply: await read(await sampleGiven.call(learner, state, batch, key)),
      })),
  };
}
