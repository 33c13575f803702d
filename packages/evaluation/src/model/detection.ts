/**
 * Detection of anomalies by a model's score.
 *
 * The model has seen neither the anomalies nor the test data. Anomalies are the positives.
 */
import { random, ValidationError, type Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { areaUnderPrecisionRecall, averagePrecision } from "../precision-recall.js";
import type { Pieces } from "../pieces.js";
import type { OnProgress } from "../progress.js";
import { areaUnderRoc, falseAlarmsAt, hitsAt } from "../receiver-operating-characteristic.js";
import { readScores, type NamedScores } from "./example-scores.js";
import { overTestBatches, usedExamples } from "./test-batches.js";

export const detectionMetrics = ["auroc", "auprc", "tpr@fpr", "fpr@tpr"] as const;

export type DetectionMetric = (typeof detectionMetrics)[number];

/** Examples that were scored. */
interface Scored {
  readonly description: string;
  readonly count: number;
  /** Mean score. */
  readonly mean: number;
}

/** A value of one state of the model, or the mean over several. */
interface Value {
  readonly value: number;
  /** Of the values of several states, with a divisor of their number. */
  readonly standardDeviation?: number;
}

/** Metrics of one score. */
export interface DetectionValues {
  /** P(score of an anomaly > score of a test example), where equal scores count half. */
  readonly auroc?: Value;
  /**
   * Area under precision and recall: `value` by trapezoids from (0, 1), `averagePrecision` by steps
   * without interpolation. A random score has `chance` in both.
   */
  readonly auprc?: Value & { readonly averagePrecision: number; readonly chance: number };
  /** Share of anomalies above a threshold that at most the share `fpr` of test examples passes. */
  readonly tprAtFpr?: Value & { readonly fpr: number };
  /** Share of test examples above a threshold that at least the share `tpr` of anomalies passes. */
  readonly fprAtTpr?: Value & { readonly tpr: number };
}

/** Metrics of the model's `score`, and of its other scores. */
export interface DetectionScores extends DetectionValues {
  /** By the name of the score. Absent if the model has one score only. */
  readonly otherScores?: Readonly<Record<string, DetectionValues>>;
  readonly detection?: {
    readonly positive: "anomalies";
    readonly test: Scored;
    readonly anomalies: Scored;
  };
}

/** The allowed rate of false alarms and the required rate of hits. */
const rates = { fpr: 0.05, tpr: 0.95 };

export interface Detection {
  /** All scores of the model, `score` among them. Undefined if it has none. */
  readonly scores: NamedScores | undefined;
  readonly metrics: readonly DetectionMetric[];
  readonly test: Dataset<unknown>;
  readonly anomalies: Dataset<unknown>;
  /** Maximum number of examples of each kind. */
  readonly n: number;
  readonly key: Key;
  readonly onProgress?: OnProgress | undefined;
  readonly pieces?: Pieces | undefined;
}

/**
 * Scores both kinds of examples. The same key gives the same numbers. Undefined if `pieces` are only
 * a share.
 *
 * @throws ValidationError without a score, and for scores that are not numbers `[batch]`
 */
export async function detectionScores(detection: Omit<Detection, "pieces">): Promise<DetectionScores>;
export async function detectionScores(detection: Detection): Promise<DetectionScores | undefined>;
export async function detectionScores(detection: Detection): Promise<DetectionScores | undefined> {
  const { metrics, test, anomalies } = detection;
  const [testKey, anomalyKey] = random.split(detection.key, 2) as [Key, Key];
  const ofTest = await scoresOf(test, "test examples", { ...detection, key: testKey });
  const ofAnomalies = await scoresOf(anomalies, "anomalies", { ...detection, key: anomalyKey });
  if (detection.pieces?.complete === false) return undefined;
  const valuesOf = (name: string): DetectionValues => detectionValues(ofTest[name]!, ofAnomalies[name]!, metrics);
  const scored = ({ description }: Dataset<unknown>, { score }: NumbersByName): Scored => ({
    description,
    count: score!.length,
    mean: score!.reduce((sum, value) => sum + value, 0) / score!.length,
  });
  const others = Object.keys(ofTest).filter((name) => name !== "score");
  return {
    ...valuesOf("score"),
    ...(others.length > 0 && { otherScores: Object.fromEntries(others.map((name) => [name, valuesOf(name)])) }),
    detection: {
      positive: "anomalies",
      test: scored(test, ofTest),
      anomalies: scored(anomalies, ofAnomalies),
    },
  };
}

function detectionValues(
  ofTest: readonly number[],
  ofAnomalies: readonly number[],
  metrics: readonly DetectionMetric[],
): DetectionValues {
  const scores = Float64Array.of(...ofTest, ...ofAnomalies);
  const labels = scores.map((_, i) => (i < ofTest.length ? 0 : 1));
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
  };
}

type NumbersByName = Readonly<Record<string, readonly number[]>>;

async function scoresOf(data: Dataset<unknown>, what: string, detection: Detection): Promise<NumbersByName> {
  const { scores, n, key, onProgress, pieces } = detection;
  if (scores === undefined)
    throw new ValidationError(
      `the model scores no examples; ${detection.metrics.join(", ")} need a learner with score().`,
    );
  const found: Record<string, number[]> = {};
  const of = { n, key, what: `scoring ${what}`, onProgress, pieces };
  const answers = overTestBatches(data, of, async (batch, chains) => {
    const named: Record<string, { shape: number[]; values: Float64Array }> = {};
    for (const [name, score] of Object.entries(await scores(batch, chains))) {
      const values = Float64Array.from(await readScores(score));
      named[name] = { shape: [values.length], values };
    }
    return named;
  });
  for await (const answer of answers) {
    for (const [name, { values }] of Object.entries(answer)) (found[name] ??= []).push(...values);
  }
  const size = usedExamples(data, n);
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values.slice(0, size)]));
}
