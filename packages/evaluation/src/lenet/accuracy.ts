/** Accuracy of a classifier. */
import { fail } from "@ergodic/tensor";
import { collectFeatures } from "../features/collect.js";
import type { FeatureExtractor } from "../features/extractor.js";
import type { ImageStream } from "../images/image-batch.js";

/**
 * Minimum accuracy on test digits of a classifier whose features serve for scores.
 *
 * A less accurate classifier gives a poorer space for distances.
 */
export const leastDigitAccuracy = 0.99;

/** Whether the features of a classifier with this accuracy on test digits serve for scores. */
export const servesForDigits = (accuracy: number): boolean => accuracy >= leastDigitAccuracy;

/**
 * The share of images whose largest logit is that of their label.
 *
 * @param labels one for each image, in order
 * @throws ValidationError for a network without logits, or a wrong number of labels
 */
export async function classificationAccuracy(
  extractor: FeatureExtractor,
  images: ImageStream,
  labels: ArrayLike<number>,
): Promise<number> {
  const { logits, moments } = await collectFeatures(images, extractor, { keep: ["logits"] });
  if (moments.count !== labels.length)
    fail(`there are ${moments.count} images and ${labels.length} labels`, "one label for each image");
  const classes = logits!.length / moments.count;
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const own = logits!.subarray(i * classes, (i + 1) * classes);
    if (own.indexOf(Math.max(...own)) === labels[i]) right++;
  }
  return right / labels.length;
}
