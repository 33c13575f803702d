/**
 * Scores of a model of images.
 *
 * - FPD: the first `components` principal components of the reference images span a fixed space.
 *   Gaussians are fitted to the projections of generated and of test images. The score is their
 *   Fréchet distance.
 * - MSE: the mean squared error of reconstructions of test images.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { assertFitsMemory, fail, random, tree, ValidationError, type Key } from "@ergodic/tensor";
import { fewExamples } from "../features/score-images.js";
import { frechetBias, frechetInPrincipalSpace } from "../frechet.js";
import { meanSquaredError } from "../mean-squared-error.js";
import { principalComponents, type PrincipalSpace } from "../principal-components.js";
import { allPieces, type Pieces } from "../pieces.js";
import type { OnProgress } from "../progress.js";
import { firstImages, imageSize } from "./image-array.js";
import { loadImages, type EvaluationPlan } from "./plan.js";
import { chunk, overTestBatches } from "./test-batches.js";
import type { SampleImages } from "./samples.js";

/** Fréchet distances in the fixed principal space; lower is better. */
export interface FrechetScore {
  /** Of the model's samples, after the Markov chain if it has one. */
  readonly value: number;
  /** Of samples from the starts of the chain; only for models that give them. */
  readonly withoutChain?: number;
  /** Of as many reference images. No model can be expected to be better. */
  readonly floor: number;
  readonly components: number;
  readonly generated: number;
  readonly test: number;
  /**
   * Upper bound of the bias when images are few: the distance of two sets of the same distribution.
   */
  readonly bias?: number;
}

/** Mean squared error of reconstructions, per pixel, images in [-1, 1]. */
export interface ReconstructionScore {
  readonly value: number;
  readonly test: number;
}

export interface ModelScores {
  readonly fpd?: FrechetScore;
  readonly mse?: ReconstructionScore;
}

/** Scores of a model of images and the data that its experiment names. */
export const modelMetrics = ["fpd", "mse"] as const;

export type ModelMetric = (typeof modelMetrics)[number];

/** A trained model; fpd needs `sample`, mse needs `reconstruct`. */
export interface ImageModel {
  readonly sample?: SampleImages | undefined;
  /** Samples from the starts of the model's chain. */
  readonly sampleReference?: SampleImages | undefined;
  /** A batch and the model's reconstruction of it, both `[n, height, width, channels]`. */
  readonly reconstruct?:
    ((batch: unknown, key: Key) => Promise<{ original: tf.Tensor; reconstruction: tf.Tensor }>) | undefined;
}

export interface ImageEvaluation {
  readonly model: ImageModel;
  readonly plan: EvaluationPlan;
  readonly metrics: readonly ModelMetric[];
  /** Maximum number of generated images, and of test images. */
  readonly n: number;
  readonly seed: number;
  readonly onProgress?: OnProgress | undefined;
  /** Default: all. */
  readonly pieces?: Pieces | undefined;
}

/** The metrics for which the model has the functions, and the plan the images. */
export const possibleMetrics = (
  { sample, reconstruct }: ImageModel,
  { reference }: Pick<EvaluationPlan, "reference">,
): ModelMetric[] => [
  ...(sample === undefined || reference === undefined ? [] : (["fpd"] as const)),
  ...(reconstruct === undefined ? [] : (["mse"] as const)),
];

/**
 * Computes the scores. The same seed gives the same scores. No scores if `pieces` are only a share.
 *
 * @throws ValidationError for a metric that needs a missing function of the model, data without
 *   images, or samples of another size than the test images
 */
export async function scoreModel(evaluation: ImageEvaluation): Promise<ModelScores> {
  const { metrics, seed } = evaluation;
  const [generation, reconstruction] = random.split<Key>(random.key(seed), 2) as [Key, Key];
  const fpd = metrics.includes("fpd") ? await frechetScore(evaluation, generation) : undefined;
  const mse = metrics.includes("mse") ? await reconstructionScore(evaluation, reconstruction) : undefined;
  return { ...(fpd && { fpd }), ...(mse && { mse }) };
}

async function frechetScore(
  { model, plan, n, onProgress, pieces = allPieces }: ImageEvaluation,
  key: Key,
): Promise<FrechetScore | undefined> {
  const { sample, sampleReference } = model;
  if (sample === undefined) throw new ValidationError("the model makes no samples; fpd needs a learner with sample().");
  onProgress?.({ what: "reading test and reference images" });
  const test = firstImages((await loadImages(plan.test, "test")).all(), n);
  const [withChain, withoutChain] = random.split(key, 2) as [Key, Key];
  const draw = (make: SampleImages, purpose: Key, what: string) =>
    inChunks(make, { n, key: purpose, of: imageSize(test), what, onProgress, pieces });
  const generated = await draw(sample, withChain, "generating");
  const ofStarts = sampleReference && (await draw(sampleReference, withoutChain, "generating without the chain"));
  if (!pieces.complete) return undefined;
  const reference = (await loadImages(plan.reference, "reference")).all();
  onProgress?.({ what: `fitting ${plan.components} principal components` });
  const space = principalComponents(reference.images, {
    dimensions: imageSize(reference),
    components: plan.components,
  });
  const distance = (images: Float32Array) => frechetInPrincipalSpace(space, test.images, images);
  return {
    value: distance(generated),
    ...(ofStarts && { withoutChain: distance(ofStarts) }),
    floor: distance(firstImages(reference, n).images),
    components: plan.components,
    ...sizesOf(space, n, test.shape[0] ?? 0),
  };
}

/** Number of compared images, and the bias of the distance if they are few. */
function sizesOf({ variances }: PrincipalSpace, generated: number, test: number) {
  if (Math.min(generated, test) >= fewExamples) return { generated, test };
  const dimensions = variances.length;
  const covariance = new Float64Array(dimensions ** 2);
  variances.forEach((variance, i) => (covariance[i * dimensions + i] = variance));
  const statistics = { dimensions, mean: new Float64Array(dimensions), covariance };
  return { generated, test, bias: frechetBias(statistics, generated, test) };
}

async function reconstructionScore(
  { model: { reconstruct }, plan, n, onProgress, pieces = allPieces }: ImageEvaluation,
  key: Key,
): Promise<ReconstructionScore | undefined> {
  if (reconstruct === undefined)
    throw new ValidationError("the model reconstructs nothing; mse needs a learner with reconstruct().");
  const data = await loadImages(plan.test, "test");
  let sum = 0;
  let seen = 0;
  const errors = overTestBatches(
    data,
    { n, key, what: "reconstructing", onProgress, pieces },
    async (batch, chains) => {
      const pair = await reconstruct(batch, chains);
      const [original, reconstruction] = [await pair.original.data<"float32">(), await pair.reconstruction.data()];
      const count = pair.original.shape[0] ?? 0;
      // The original may be a tensor of the batch, which disposes of it.
      tree.dispose(pair);
      const error = meanSquaredError(original, reconstruction as Float32Array);
      return { error: { shape: [2], values: Float64Array.of(error, count) } };
    },
  );
  for await (const { error } of errors) {
    const [mean, count] = error.values as unknown as [number, number];
    sum += count * mean;
    seen += count;
  }
  if (!pieces.complete) return undefined;
  return { value: sum / seen, test: seen };
}

interface Generation {
  readonly n: number;
  readonly key: Key;
  /** Numbers in one image. */
  readonly of: number;
  readonly what: string;
  readonly onProgress: OnProgress | undefined;
  readonly pieces: Pieces;
}

async function inChunks(
  make: SampleImages,
  { n, key, of, what, onProgress, pieces }: Generation,
): Promise<Float32Array> {
  assertFitsMemory("a set of images", [n, of]);
  const images = new Float32Array(n * of);
  const size = Math.min(chunk, n);
  const chunks = pieces.results({
    name: what,
    count: Math.ceil(n / size),
    async compute(i) {
      const from = i * size;
      onProgress?.({ what, done: from, of: n });
      const part = await make(random.fold(key, from), size);
      const { shape } = part;
      const values = await part.data<"float32">();
      part.dispose();
      if (values.length !== size * of)
        fail(
          `the model's samples have shape [${shape.join(", ")}]`,
          `${size} images of ${of} numbers, as the test images`,
        );
      return { images: { shape, values } };
    },
  });
  let from = 0;
  for await (const { images: own } of chunks) {
    images.set(own.values.subarray(0, Math.min(size, n - from) * of), from * of);
    from += size;
  }
  return images;
}
