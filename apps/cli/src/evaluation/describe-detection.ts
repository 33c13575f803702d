/** Formats scores of anomaly detection as text. */
import type { DetectionScores } from "@ergodic/evaluation/detection";
import { columns, short, withThousands } from "../terminal/format.js";
import type { AnomalyOrigin } from "./anomalies.js";
import { fileRows } from "./describe-files.js";

/** Scores with the origin of the anomalies. */
export interface DetectionRecord extends Omit<DetectionScores, "detection"> {
  readonly detection?: Omit<NonNullable<DetectionScores["detection"]>, "anomalies"> & {
    readonly anomalies: AnomalyOrigin & NonNullable<DetectionScores["detection"]>["anomalies"];
  };
}

/** Formats the scores; empty when none was computed. */
export function describeDetection({ auroc, auprc, tprAtFpr, fprAtTpr, detection }: DetectionRecord): string {
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
