/** Samples of a trained model by the law of their latents. */
import { fittedSampler } from "@ergodic/evaluation/model";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { CliError } from "../errors.js";
import type { OpenRun } from "../runs/open-run.js";
import type { ChainLearner } from "./image-model.js";

/**
 * Samples of the model, of the starts of its chain, and of a normal law fitted to inferred latents of
 * its data, as `read` gives them. The first are the model's own.
 *
 * @throws CliError when the model makes no samples
 */
export async function lawSamplers<T>(
  { run: { learner: model, state, dataset } }: OpenRun,
  seed: number,
  read: (observations: TensorTree) => Promise<T>,
): Promise<Record<string, (key: Key, n: number) => Promise<T>>> {
  const learner: ChainLearner = model;
  const { sample, sampleReference } = learner;
  if (sample === undefined) throw new CliError("the model makes no samples; its learner has no sample().");
  const fitted = await fittedSampler(learner.latents, state, dataset, random.fold(random.key(seed), 7));
  return {
    model: async (key, n) => read(await sample.call(learner, state, key, n)),
    ...(sampleReference && {
      "without chain": async (key: Key, n: number) => read(await sampleReference.call(learner, state, key, n)),
    }),
    ...(fitted && { "fitted Gaussian": async (key: Key, n: number) => read(await fitted(key, n)) }),
  };
}
