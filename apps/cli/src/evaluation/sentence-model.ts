/** The functions of a trained model that scores of sentences use. */
import { wordsOf } from "@ergodic/data";
import { fittedSampler } from "@ergodic/evaluation/model";
import type { SentenceModel } from "@ergodic/evaluation/node";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { readSamples } from "@ergodic/training";
import { CliError } from "../errors.js";
import type { OpenRun } from "../runs/open-run.js";
import type { ChainLearner } from "./image-model.js";

/**
 * The sentences of a run's model, of the starts of its chain, and of a normal law fitted to
 * inferred latents of its data.
 *
 * @throws CliError when the model makes no samples
 */
export async function sentenceModel({ run }: OpenRun, seed: number): Promise<SentenceModel> {
  const { state, dataset } = run;
  const learner: ChainLearner = run.learner;
  const { sample, sampleReference, reconstruct } = learner;
  const read = async (observations: TensorTree): Promise<readonly (readonly string[])[]> => {
    const samples = await readSamples(observations, learner.show?.bind(learner));
    tree.dispose(observations);
    if (samples.kind !== "text") throw new CliError(`the model makes ${samples.kind}; this score is one of sentences.`);
    return samples.texts.map(wordsOf);
  };
  if (sample === undefined) throw new CliError("the model makes no samples; its learner has no sample().");
  const fitted = await fittedSampler(learner.latents, state, dataset, random.fold(random.key(seed), 7));
  return {
    samplers: {
      model: async (key, n) => read(await sample.call(learner, state, key, n)),
      ...(sampleReference && {
        "without chain": async (key: Key, n: number) => read(await sampleReference.call(learner, state, key, n)),
      }),
      ...(fitted && { "fitted Gaussian": async (key: Key, n: number) => read(await fitted(key, n)) }),
    },
    reconstruct:
      reconstruct &&
      (async (batch, key) => {
        const made = await reconstruct.call(learner, state, batch, key);
        return { original: await read(made.original), reconstruction: await read(made.reconstruction) };
      }),
  };
}
