/**
 * An experiment's `evaluation`: `{ test }`, a data set, and optional `reference` and `anomalies`.
 *
 * Scores of images need reference images. Anomalies are examples to be told from the test data.
 * Data sources are recognised by shape, so those of other packages are accepted.
 */
import { ValidationError } from "@ergodic/tensor";
import type { Dataset, DataSource } from "@ergodic/training";
import type { DetectionMetric } from "./detection.js";
import type { ImageArray } from "./image-array.js";
import type { TranslationPlan } from "../translation/plan.js";
import type { PlanePlan } from "./plane-scores.js";

/** A data set that can return all its images at once. */
export interface WholeImageDataset<Batch> extends Dataset<Batch> {
  all(): ImageArray;
}

/** Sources of the data that a model is scored with. */
export interface EvaluationPlan {
  /** Examples that the model has not seen. */
  readonly test: DataSource;
  /** Images for the principal components and the floor of the distance; without them no FPD. */
  readonly reference?: DataSource;
  /**
   * Examples unlike the training data, in batches like its own, for instance of a class that was
   * left out.
   */
  readonly anomalies?: DataSource;
  /**
   * Number of checkpoints that detection is averaged over, the last ones that were due (see
   * `training.checkpointEvery`). Default 1. `training.keepCheckpoints` must be as many.
   */
  readonly checkpoints: number;
  /** Results of others, to be shown beside detection of `anomalies`. */
  readonly published?: PublishedDetection;
  /** Number of principal components. Default 32. */
  readonly components: number;
  /** Default number of samples and test images: 10,000. Fewer suit models with costly samples. */
  readonly samples: number;
}

/** Published values of one metric. */
export interface PublishedDetection {
  readonly metric: DetectionMetric;
  readonly rows: readonly {
    /** The name of the model. */
    readonly name: string;
    readonly value: number;
    /** The published ±, if there is one. */
    readonly spread?: number;
    /** The place of publication. */
    readonly source: string;
  }[];
  /** In one line, what limits the comparison. */
  readonly note: string;
}

/** Number of samples if the experiment names none. */
export const defaultSamples = 10_000;

/**
 * The plan in an experiment's `evaluation`; undefined when it has none, or only `points` or
 * `pairs`.
 *
 * @throws ValidationError when it is malformed
 */
export function readPlan(value: unknown): EvaluationPlan | undefined {
  const planned = (value ?? {}) as Partial<EvaluationPlan & PlanePlan & TranslationPlan>;
  if (value === undefined || (planned.test === undefined && (planned.points ?? planned.pairs) !== undefined))
    return undefined;
  const { test, reference, anomalies, published, checkpoints = 1, components = 32, samples = defaultSamples } = planned;
  const sound =
    [reference, anomalies].every((source) => source === undefined || isSource(source)) &&
    [components, samples, checkpoints].every((number) => Number.isInteger(number) && number > 0) &&
    (published === undefined || isPublished(published));
  if (sound && isSource(test)) {
    const optional = {
      ...(reference && { reference }),
      ...(anomalies && { anomalies }),
      ...(published && { published }),
    };
    return { test, components, samples, checkpoints, ...optional };
  }
  throw new ValidationError(
    'experiment.evaluation is not understood; expected { test } and perhaps { reference, anomalies, checkpoints, published }, with data sources such as mnist({ split: "test" }).',
  );
}

/** Whether a data set is one of images. */
export const hasImages = (dataset: Dataset<unknown>): dataset is WholeImageDataset<unknown> =>
  "all" in dataset && typeof dataset.all === "function";

/**
 * Loads a source of images.
 *
 * @throws ValidationError when there is none, or its data set has no `all()`
 */
export async function loadImages(source: DataSource | undefined, role: string): Promise<WholeImageDataset<unknown>> {
  const dataset = await source?.load();
  if (dataset !== undefined && hasImages(dataset)) return dataset;
  throw new ValidationError(
    `experiment.evaluation.${role} has no images; expected a data set with all(), such as mnist().`,
  );
}

const isPublished = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "rows" in value && Array.isArray(value.rows) && "note" in value;

function isSource(value: unknown): value is DataSource {
  return typeof value === "object" && value !== null && "load" in value && typeof value.load === "function";
}
