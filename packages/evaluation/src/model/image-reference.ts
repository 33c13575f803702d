/** Test and reference images of an experiment, and distances from them. */
import { frechetDistance, gaussianStatistics } from "../frechet.js";
import { principalComponents, project } from "../principal-components.js";
import { firstImages, imageSize, type ImageArray } from "./image-array.js";
import { loadImages, type EvaluationPlan } from "./plan.js";

export interface ImageDistances {
  readonly reference: ImageArray;
  readonly test: ImageArray;
  /**
   * FPD: the Fréchet distance between images and the test images, in the principal components of
   * the reference.
   */
  distance(images: Float32Array): number;
  /** The distance of the first `n` reference images. */
  floor(n: number): number;
}

/** Reads the images of a plan and fits their principal components. */
export async function readImageReference(plan: EvaluationPlan): Promise<ImageDistances> {
  const reference = (await loadImages(plan.reference, "reference")).all();
  const test = (await loadImages(plan.test, "test")).all();
  const space = principalComponents(reference.images, {
    dimensions: imageSize(reference),
    components: plan.components,
  });
  const statistics = (images: Float32Array) => gaussianStatistics(project(space, images), space.variances.length);
  const ofTest = statistics(test.images);
  const distance = (images: Float32Array): number => frechetDistance(ofTest, statistics(images));
  return { reference, test, distance, floor: (n) => distance(firstImages(reference, n).images) };
}
