/** How well a model's score tells anomalies from test data; it has seen neither. Anomalies are the positives. */
import { areaUnderPrecisionRecall, areaUnderRoc, averagePrecision, falseAlarmsAt, hitsAt } from "@ergodic/evaluation";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset, Learner, LearnerState } from "@ergodic/training";
import { CliError } from "../errors.js";
import { countdown } from "../terminal/countdown.js";
import { columns, short, withThousands } from "../terminal/format.js";
import type { Anomalies } from "./anomalies.js";
import { fileRows } from "./describe-files.js";

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
  /** P(score of an anomaly > score of a test example), equal scores counting half. */
  readonly auroc?: { readonly value: number };
  /** Area under precision and recall by trapezoids from (0, 1); and by steps, without interpolation. A random score has `chance` in both. */
  readonly auprc?: { readonly value: number; readonly averagePrecision: number; readonly chance: number };
  /** Share of anomalies found where at most the share `fpr` of test examples is taken for one. */
  readonly tprAtFpr?: { readonly value: number; readonly fpr: number };
  /** Share of test examples taken for anomalies where at least the share `tpr` of those is found. */
  readonly fprAtTpr?: { readonly value: number; readonly tpr: number };
  readonly detection?: {
    readonly positive: "anomalies";
    readonly test: Scored;
    readonly anomalies: Scored & Omit<Anomalies, "data">;
  };
}

/** False alarms that are borne, and hits that are demanded. */
const rates = { fpr: 0.05, tpr: 0.95 };

export interface Detection {
  readonly learner: Learner;
  readonly state: LearnerState;
  readonly metrics: readonly DetectionMetric[];
  readonly test: Dataset<unknown>;
  readonly anomalies: Anomalies;
  /** Examples of either kind, at most. */
  readonly n: number;
  readonly key: Key;
  readonly onStage: (text: string) => void;
}

/** Examples in one compiled call. */
const chunk = 500;

/** Scores both kinds; the same key gives the same numbers. @throws CliError for a learner without score() */
export async function detectionScores(detection: Detection): Promise<DetectionScores> {
  const { metrics, test, anomalies } = detection;
  const { data, ...about } = anomalies;
  const [testKey, anomalyKey] = random.split(detection.key, 2) as [Key, Key];
  const ofTest = await scoresOf(test, "test examples", { ...detection, key: testKey });
  const ofAnomalies = await scoresOf(data, "anomalies", { ...detection, key: anomalyKey });
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
      anomalies: { ...about, ...scored(data, ofAnomalies) },
    },
  };
}

async function scoresOf(data: Dataset<unknown>, what: string, detection: Detection): Promise<number[]> {
  const { learner, state, n, key, onStage } = detection;
  if (learner.score === undefined)
    throw new CliError(`the model scores no examples; ${detection.metrics.join(", ")} need a learner with score().`);
  const size = Math.min(n, data.size);
  const [order, chains] = random.split(key, 2) as [Key, Key];
  const batches = data.batches({ batchSize: Math.min(chunk, size), key: order });
  const tell = countdown(onStage, `scoring ${what}`);
  const scores: number[] = [];
  for (let i = 0; scores.length < size; i++) {
    tell(scores.length, size);
    const batch = batches.at(i);
    const values = await learner.score(state, batch, random.fold(chains, i));
    if (values.rank !== 1 || values.size === 0)
      throw new CliError(`score() returned the shape [${values.shape.join(", ")}]; expected [batch], one number each.`);
    scores.push(...(await values.data()));
    tree.dispose([batch, values] as TensorTree);
  }
  return scores.slice(0, size);
}

/** Scores as lines of text. */
export function describeDetection({ auroc, auprc, tprAtFpr, fprAtTpr, detection }: DetectionScores): string {
  if (detection === undefined) return "";
  const { test, anomalies } = detection;
  const percent = (share: number): string => `${short(100 * share)} %`;
  const rows: [string, string][] = [];
  if (auroc) rows.push(["AUROC", short(auroc.value)]);
  if (auprc) {
    const others = `average precision ${short(auprc.averagePrecision)}, by chance ${short(auprc.chance)}`;
    rows.push(["AUPRC", `${short(auprc.value)}   by trapezoids; ${others}`]);
  }
  if (tprAtFpr) rows.push([`TPR at ${percent(tprAtFpr.fpr)} FPR`, short(tprAtFpr.value)]);
  if (fprAtTpr) rows.push([`FPR at ${percent(fprAtTpr.tpr)} TPR`, short(fprAtTpr.value)]);
  rows.push([
    "anomalies",
    `${withThousands(anomalies.count)} of ${anomalies.description}: mean score ${short(anomalies.mean)}`,
  ]);
  rows.push(...fileRows(anomalies.files));
  rows.push(["against", `${withThousands(test.count)} of ${test.description}: mean score ${short(test.mean)}`]);
  return columns(rows, 3);
}
