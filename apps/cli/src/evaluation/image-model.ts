/** What a trained model offers to scores of images. */
import type * as tf from "@tensorflow/tfjs-core";
import type { ImageModel } from "@ergodic/evaluation";
import type { Key } from "@ergodic/tensor";
import type { Learner, LearnerState } from "@ergodic/training";

/** A learner that can also make samples from the starts of its chain. */
interface ChainLearner extends Learner {
  sampleReference?(state: LearnerState, key: Key, n: number): Promise<tf.Tensor>;
}

/** The offers of a learner in a state. */
export const imageModel = (learner: ChainLearner, state: LearnerState): ImageModel => ({
  sample: learner.sample?.bind(learner, state),
  sampleReference: learner.sampleReference?.bind(learner, state),
  reconstruct: learner.reconstruct?.bind(learner, state),
});
