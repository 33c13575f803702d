/** A model's samples as a stream of images, made as they are needed. */
import { generatedImages, type ImageStream } from "@ergodic/evaluation";
import { random, type Key } from "@ergodic/tensor";
import type { Learner, LearnerState } from "@ergodic/training";
import { CliError } from "../errors.js";

/** Samples in one call of the model. */
const atOnce = 100;

/** `count` samples, the same for the same key; what lies outside [-1, 1] is cut, as when an image is saved. */
export function modelSamples(
  learner: Learner,
  state: LearnerState,
  { count, key, description }: { readonly count: number; readonly key: Key; readonly description: string },
): ImageStream {
  const sample = learner.sample?.bind(learner);
  if (sample === undefined) throw new CliError("the model makes no samples; its learner has no sample().");
  return generatedImages({
    ...{ count, range: [-1, 1], clip: true, batchSize: Math.min(atOnce, count) },
    description: `${description}, cut to [-1, 1]`,
    async sample(size, index) {
      const images = await sample(state, random.fold(key, index), size);
      const values = await images.data<"float32">();
      images.dispose();
      return { values, shape: images.shape };
    },
  });
}
