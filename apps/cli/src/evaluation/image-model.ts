/** The functions of a trained model that scores of images use. */
import type * as tf from "@tensorflow/tfjs-core";
import type { ImageModel, SampleImages } from "@ergodic/evaluation/model";
import { tree, type Key, type TensorTree } from "@ergodic/tensor";
import { samplesOf, type Learner, type LearnerState } from "@ergodic/training";
import { CliError } from "../errors.js";

/** A learner that can also make samples from the starts of its chain. */
export interface ChainLearner extends Learner {
  sampleReference?(state: LearnerState, key: Key, n: number): Promise<TensorTree>;
}

/** The image functions of a learner in a state. Samples that are not images are rejected. */
export function imageModel(learner: ChainLearner, state: LearnerState): ImageModel {
  const images = (observations: TensorTree): tf.Tensor => {
    const samples = samplesOf(observations, learner.show?.bind(learner));
    if (samples.kind !== "images") throw new CliError(`the model makes ${samples.kind}; this score is one of images.`);
    tree.dispose(tree.leaves(observations).filter((leaf) => leaf !== samples.values));
    return samples.values;
  };
  const sampler = (sample: Sampler | undefined): SampleImages | undefined =>
    sample && (async (key, n) => images(await sample(state, key, n)));
  const { reconstruct } = learner;
  return {
    sample: sampler(learner.sample?.bind(learner)),
    sampleReference: sampler(learner.sampleReference?.bind(learner)),
    reconstruct:
      reconstruct &&
      (async (batch, key) => {
        const { original, reconstruction } = await reconstruct.call(learner, state, batch, key);
        return { original: images(original), reconstruction: images(reconstruction) };
      }),
  };
}

type Sampler = NonNullable<Learner["sample"]>;
