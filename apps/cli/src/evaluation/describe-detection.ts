/** Formats scores of anomaly detection as text. */
import type { AveragedDetection, DetectionMetric, DetectionValues } from "@ergodic/evaluation/detection";
import type { PublishedDetection } from "@ergodic/evaluation/model";
import { alignedTable, columns, short, withThousands, words } from "../terminal/format.js";
import type { AnomalyOrigin } from "./anomalies.js";
import { fileRows } from "./describe-files.js";

/** Scores with the origin of the anomalies, and results of others. */
export interface DetectionRecord extends Omit<AveragedDetection, "detection"> {
  readonly detection?: Omit<NonNullable<AveragedDetection["detection"]>, "anomalies"> & {
    readonly anomalies: AnomalyOrigin & NonNullable<AveragedDetection["detection"]>["anomalies"];
  };
  readonly published?: PublishedDetection;
}

/** Formats the scores; empty when none was computed. */
export function describeDetection(record: DetectionRecord): string {
  const { detection, checkpoints, otherScores, published } = record;
  if (detection === undefined) return "";
  const { test, anomalies } = detection;
  const { auprc } = record;
  const others = auprc && `average precision ${short(auprc.averagePrecision)}, by chance ${short(auprc.chance)}`;
  const rows = metricsOf(record).map(({ label, text }): [string, string] => [
    label,
    label === "AUPRC" ? `${text}   by trapezoids; ${others}` : text,
  ]);
  rows.push([
    "anomalies",
    `${withThousands(anomalies.count)} of ${anomalies.description}: mean score ${short(anomalies.mean)}`,
  ]);
  rows.push(...fileRows(anomalies.files));
  rows.push(["against", `${withThousands(test.count)} of ${test.description}: mean score ${short(test.mean)}`]);
  if (checkpoints) {
    const iterations = [checkpoints[0]!, checkpoints.at(-1)!].map(({ iteration }) => withThousands(iteration));
    rows.push(["mean ± sd", `over ${checkpoints.length} checkpoints, of iterations ${iterations.join(" to ")}`]);
  }
  const tables = [otherScores && otherTable(otherScores), published && publishedTable(published)];
  return [columns(rows, 3), ...tables.filter((table) => table !== undefined)].join("\n\n");
}

const percent = (share: number): string => `${short(100 * share)} %`;

const withSpread = (value: number, spread: number | undefined): string =>
  spread === undefined ? short(value) : `${value.toFixed(3)} ± ${spread.toFixed(3)}`;

/** The metrics of a score that were computed. */
function metricsOf({ auroc, auprc, tprAtFpr, fprAtTpr }: DetectionValues): { label: string; text: string }[] {
  const found = [
    auroc && { label: "AUROC", of: auroc },
    auprc && { label: "AUPRC", of: auprc },
    tprAtFpr && { label: `TPR at ${percent(tprAtFpr.fpr)} FPR`, of: tprAtFpr },
    fprAtTpr && { label: `FPR at ${percent(fprAtTpr.tpr)} TPR`, of: fprAtTpr },
  ];
  return found
    .filter((metric) => metric !== undefined)
    .map(({ label, of }) => ({ label, text: withSpread(of.value, of.standardDeviation) }));
}

function otherTable(scores: Readonly<Record<string, DetectionValues>>): string {
  const labels = metricsOf(Object.values(scores)[0]!).map(({ label }) => label);
  const rows = Object.entries(scores).map(([name, of]) => [words(name), ...metricsOf(of).map(({ text }) => text)]);
  return alignedTable(["by other scores", ...labels], rows);
}

const labelOf: Readonly<Record<DetectionMetric, string>> = {
  ...{ auroc: "AUROC", auprc: "AUPRC", "tpr@fpr": "TPR", "fpr@tpr": "FPR" },
};

function publishedTable({ metric, rows, note }: PublishedDetection): string {
  const table = columns([
    ["published", labelOf[metric]],
    ...rows.map(({ name, value, spread, source }): [string, string] => [
      name,
      `${withSpread(value, spread).padEnd(13)}  ${source}`,
    ]),
  ]);
  return `${table}\nnote: ${note}`;
}
