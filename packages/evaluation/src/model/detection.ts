/**
 * Detection of anomalies by a model's score.
 *
 * The model has seen neither the anomalies nor the test data. Anomalies are the positives.
 */
import { random, ValidationError, type Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { areaUnderPrecisionRecall, averagePrecision } from "../precision-recall.js";
import type { OnProgress } from "../progress.js";
import { areaUnderRoc, falseAlarmsAt, hitsAt } from "../receiver-operating-characteristic.js";
import { scoresOfBatch, type ScoreBatch } from "./example-scores.js";
import { overTestBatches } from "./test-batches.js";

export const detectionMetrics = ["auroc", "auprc", "tpr@fpr", "fpr@tpr"] as const;

export type DetectionMetric = (typeof detectionMetrics)[number];

/** Examples that were scored. */
interface Scored {
  readonly description: string;
  readonly count: number;
  /** Mean score. */
  readonly mean: number;
}

export interface DetectionScores {
  /** P(score of an anomaly > score of a test example), where equal scores count half. */
  readonly auroc?: { readonly value: number };
  /**
   * Area under precision and recall: `value` by trapezoids from (0, 1), `averagePrecision` by steps
   * without interpolation. A random score has `chance` in both.
   */
  readonly auprc?: { readonly value: number; readonly averagePrecision: number; readonly chance: number };
  /** Share of anomalies above a threshold that at most the share `fpr` of test examples passes. */
  readonly tprAtFpr?: { readonly value: number; readonly fpr: number };
  /** Share of test examples above a threshold that at least the share `tpr` of anomalies passes. */
  readonly fprAtTpr?: { readonly value: number; readonly tpr: number };
  readonly detection?: {
    readonly positive: "anomalies";
    readonly test: Scored;
    readonly anomalies: Scored;
  };
}

/** The allowed rate of false alarms and the required rate of hits. */
const rates = { fpr: 0.05, tpr: 0.95 };

export interface Detection {
  /** Undefined if the model has no score. */
  readonly score: ScoreBatch | undefined;
  readonly metrics: readonly DetectionMetric[];
  readonly test: Dataset<unknown>;
  readonly anomalies: Dataset<unknown>;
  /** Maximum number of examples of each kind. */
  readonly n: number;
  readonly key: Key;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Scores both kinds of examples. The same key gives the same numbers.
 *
 * @throws ValidationError without a score, and for scores that are not numbers `[batch]`
 */
export async function detectionScores(detection: Detection): Promise<DetectionScores> {
  const { metrics, test, anomalies } = detection;
  const [testKey, anomalyKey] = random.split(detection.key, 2) as [Key, Key];
  const ofTest = await scoresOf(test, "test examples", { ...detection, key: testKey });
  const ofAnomalies = await scoresOf(anomalies, "anomalies", { ...detection, key: anomalyKey });
  const scores = Float64Array.of(...ofTest, ...ofAnomalies);
  const labels = scores.map((_, i) => (i < ofTest.length ? 0 : 1));
  const scored = ({ description }: Dataset<unknown>, of: readonly number[]): Scored => ({
    description,
    count: of.length,
    mean: of.reduce((sum, score) => sum + score, 0) / of.length,
  });
  const asked = (metric: DetectionMetric): boolean => metrics.includes(metric);
  return {
    ...(asked("auroc") && { auroc: { value: areaUnderRoc(labels, scores) } }),
    ...(asked("auprc") && {
      auprc: {
        value: areaUnderPrecisionRecall(labels, scores),
        averagePrecision: averagePrecision(labels, scores),
        chance: ofAnomalies.length / scores.length,
      },
    }),
    ...(asked("tpr@fpr") && { tprAtFpr: { value: hitsAt(rates.fpr, labels, scores), fpr: rates.fpr } }),
    ...(asked("fpr@tpr") && { fprAtTpr: { value: falseAlarmsAt(rates.tpr, labels, scores), tpr: rates.tpr } }),
    detection: {
      positive: "anomalies",
      test: scored(test, ofTest),
      anomalies: scored(anomalies, ofAnomalies),
    },
  };
}

async function scoresOf(data: Dataset<unknown>, what: string, detection: Detection): Promise<number[]> {
  const { score, n, key, onProgress } = detection;
  if (score === undefined)
    throw new ValidationError(
      `the model scores no examples; ${detection.metrics.join(", ")} need a learner with score().`,
    );
  const scores: number[] = [];
  const size = await overTestBatches(data, { n, key, what: `scoring ${what}`, onProgress }, async (batch, chains) => {
    const values = await scoresOfBatch(score, batch, chains);
    scores.push(...Array.from(values));
    return values.length;
  });
  return scores.slice(0, size);
}
