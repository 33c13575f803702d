/** Formats scores of a classifier as text. */
import type { ClassificationScores } from "@ergodic/evaluation/classification";
import { columns, short, withThousands } from "../terminal/format.js";

/** Formats the scores; empty when none was computed. */
export function describeClassification({ accuracy, ece, brier, nll, classification }: ClassificationScores): string {
  if (classification === undefined) return "";
  const { count, description } = classification.test;
  const rows: [string, string][] = [];
  if (accuracy) rows.push(["accuracy", `${short(100 * accuracy.value)} %`]);
  if (ece) rows.push(["calibration error", `${short(100 * ece.value)} %   expected, ${ece.bins} bins of confidence`]);
  if (brier) rows.push(["Brier score", short(brier.value)]);
  if (nll) rows.push(["NLL of classes", `${short(nll.value)} nats`]);
  rows.push(["classified", `${withThousands(count)} of ${description}`]);
  return columns(rows, 3);
}
