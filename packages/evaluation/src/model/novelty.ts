/** Examples judged by how unlike the normal ones they are: ranks, p-values and alarms. */
import type { IndexedDataset } from "@ergodic/data";
import { fail, ValidationError, type Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { alarmThreshold, conformalPValues, examplesFor, leastFalseAlarms, sharesAbove } from "../conformal.js";
import type { OnProgress } from "../progress.js";
import { exampleScores, type ScoreBatch } from "./example-scores.js";

/** Normal examples, with their scores. */
export interface NormalScores {
  readonly description: string;
  readonly scores: Float64Array;
}

export interface JudgedExample {
  /** Higher is more anomalous. */
  readonly score: number;
  /** (1 + the held-out examples with at least this score) / (1 + all held-out examples). */
  readonly pValue: number;
  /** The share of training examples with a higher score. */
  readonly trainingShareAbove: number;
  /** Whether the score is above the threshold. */
  readonly flagged: boolean;
}

export interface NoveltyScores {
  /** In the order of the examples. */
  readonly examples: readonly JudgedExample[];
  /** Scores above it are flagged. */
  readonly threshold: number;
  /** A normal example is flagged with at most this probability. */
  readonly falseAlarms: number;
  readonly training: NormalScores;
  readonly heldOut: NormalScores;
}

export interface NoveltyRequest {
  readonly score: ScoreBatch | undefined;
  /** The examples to judge. */
  readonly examples: IndexedDataset<unknown>;
  /** The examples of training. */
  readonly training: Dataset<unknown>;
  /** Normal examples that the model has not seen. */
  readonly heldOut: Dataset<unknown>;
  /**
   * Rate of false alarms, in (0, 1). Default 0.01, or the least that the held-out examples allow.
   */
  readonly falseAlarms?: number | undefined;
  /** Maximum number of training and of held-out examples. */
  readonly n: number;
  readonly key: Key;
  readonly onProgress?: OnProgress | undefined;
}

const usualFalseAlarms = 0.01;

/**
 * Scores the examples and compares them with training and held-out examples.
 *
 * The judgement of an example does not depend on the other examples. The same key gives the same
 * numbers.
 *
 * @throws ValidationError at once without a score, for data whose examples cannot be taken by
 *   number, and for a rate of false alarms that needs more held-out examples
 */
export async function noveltyScores(request: NoveltyRequest): Promise<NoveltyScores> {
  const { score, examples, n, key, onProgress } = request;
  if (score === undefined) throw new ValidationError("the model scores no examples; give its learner score().");
  const training = takeable(request.training);
  const heldOut = takeable(request.heldOut);
  const count = Math.min(n, heldOut.size);
  const { falseAlarms = Math.max(usualFalseAlarms, leastFalseAlarms(count)) } = request;
  assertEnough(falseAlarms, count, heldOut);
  const scored = (data: IndexedDataset<unknown>, what: string, most: number): Promise<Float64Array> =>
    exampleScores(data, { score, key, n: most, what, onProgress });

  const ofHeldOut = await scored(heldOut, "held-out images", n);
  const { threshold, rate } = alarmThreshold(ofHeldOut, falseAlarms);
  const ofTraining = await scored(training, "training images", n);
  const scores = await scored(examples, "images", examples.size);
  const pValues = conformalPValues(scores, ofHeldOut);
  const above = sharesAbove(scores, ofTraining);
  return {
    examples: Array.from(scores, (value, i) => ({
      score: value,
      pValue: pValues[i]!,
      trainingShareAbove: above[i]!,
      flagged: value > threshold,
    })),
    threshold,
    falseAlarms: rate,
    training: { description: training.description, scores: ofTraining },
    heldOut: { description: heldOut.description, scores: ofHeldOut },
  };
}

function takeable(data: Dataset<unknown>): IndexedDataset<unknown> {
  if ("take" in data && typeof data.take === "function") return data as IndexedDataset<unknown>;
  return fail(`the data set "${data.description}" has no take()`, "examples that can be taken by number");
}

/** Refuses a rate before anything is scored. */
function assertEnough(falseAlarms: number, count: number, { size }: IndexedDataset<unknown>): void {
  const needed = examplesFor(falseAlarms);
  if (count >= needed) return;
  fail(
    `a rate of ${falseAlarms} false alarms is asked of ${count} held-out images`,
    `at least ${needed} of them`,
    size >= needed
      ? "raise their number"
      : `ask for at least ${Math.ceil(1e4 * leastFalseAlarms(count)) / 1e4}, or give more normal images`,
  );
}
