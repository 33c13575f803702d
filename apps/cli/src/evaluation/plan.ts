/**
 * What an experiment says about its evaluation: `evaluation: { test, reference }`, two data sets of images, and `anomalies` where some are to
 * be told from the test data. It is described by shape, so that a user's own data will do.
 */
import type { Dataset, DataSource } from "@ergodic/training";
import { CliError } from "../errors.js";

/** Images on the host, `[n, height, width, channels]` in [-1, 1]. */
export interface ImageArray {
  readonly images: Float32Array;
  readonly shape: readonly number[];
  /** The class of each image, where the data has classes. */
  readonly labels?: ArrayLike<number>;
}

/** The first `n` images, or all if there are fewer. */
export function first({ images, shape, labels }: ImageArray, n: number): ImageArray {
  const count = Math.min(n, shape[0] ?? 0);
  return {
    images: images.subarray(0, count * pixels({ shape })),
    shape: [count, ...shape.slice(1)],
    ...(labels && { labels: Array.from(labels).slice(0, count) }),
  };
}

/** Numbers in one image. */
export function pixels({ shape }: Pick<ImageArray, "shape">): number {
  return shape.slice(1).reduce((product, side) => product * side, 1);
}

/** A data set that can hand out all its images at once. */
export interface ImageDataset<Batch> extends Dataset<Batch> {
  all(): ImageArray;
}

/** Sources of the images a model is scored with. */
export interface EvaluationPlan {
  /** Images the model has not seen. */
  readonly test: DataSource;
  /** Images that fix the principal components, and the floor of the distance. */
  readonly reference: DataSource;
  /** Examples unlike the training data, in batches like its own, for instance of a class that was left out. */
  readonly anomalies?: DataSource;
  /** Number of principal components; default 32. */
  readonly components: number;
  /** Samples and test images taken where the user names no number; default 10,000, fewer where samples are costly. */
  readonly samples: number;
}

/** Samples of a model whose experiment names no number. */
export const defaultSamples = 10_000;

/** The plan in `value`, an experiment's `evaluation`; undefined when it has none. @throws CliError when it is malformed. */
export function readPlan(value: unknown): EvaluationPlan | undefined {
  if (value === undefined) return undefined;
  const {
    test,
    reference,
    anomalies,
    components = 32,
    samples = defaultSamples,
  } = (value ?? {}) as Partial<EvaluationPlan>;
  const sound =
    (anomalies === undefined || isSource(anomalies)) &&
    [components, samples].every((number) => Number.isInteger(number) && number > 0);
  if (sound && isSource(test) && isSource(reference))
    return { test, reference, components, samples, ...(anomalies && { anomalies }) };
  throw new CliError(
    'experiment.evaluation is not understood; expected { test, reference } and perhaps { anomalies }, data sources such as mnist({ split: "test" }).',
  );
}

/** Loads a source that must have images. @throws CliError when its data set has no `all()`. */
export async function loadImages(source: DataSource, role: string): Promise<ImageDataset<unknown>> {
  const dataset = await source.load();
  if ("all" in dataset && typeof dataset.all === "function") return dataset as ImageDataset<unknown>;
  throw new CliError(`experiment.evaluation.${role} has no images; expected a data set with all(), such as mnist().`);
}

function isSource(value: unknown): value is DataSource {
  return typeof value === "object" && value !== null && "load" in value && typeof value.load === "function";
}
