/** Formats scores of pictures as text: a table, a summary, CSV. */
import { timesCount } from "@ergodic/tensor";
import { fileRows } from "../evaluation/describe-files.js";
import { alignedTable, columns, printable, short, withThousands } from "../terminal/format.js";
import type { ScoredImage, ScoreRecord } from "./record.js";

export const scoreHead = ["image", "score", "above of training", "p-value", "flagged"] as const;

/** The cells of an image in a table of `scoreHead`. */
export const scoreCells = (scored: ScoredImage, record: ScoreRecord): readonly string[] => [
  printable(scored.image),
  short(scored.score),
  aboveOf(scored, record),
  short(scored.pValue),
  scored.flagged ? "yes" : "no",
];

/** "all 2,000", or the share of training images with a score of at most this one, rounded down. */
function aboveOf({ trainingShareAbove }: ScoredImage, { training }: ScoreRecord): string {
  if (trainingShareAbove === 0) return `all ${withThousands(training.count)}`;
  return `${Math.floor(timesCount(1 - trainingShareAbove, 1000)) / 10} %`;
}

/** Lines of the table on a terminal. */
const shownImages = 20;

/** The table of the worst images, and the summary. */
export function describeScores(record: ScoreRecord): string {
  const shown = record.images.slice(0, shownImages).map((scored) => scoreCells(scored, record));
  const more = record.images.length - shown.length;
  const left = omitted(record);
  return [
    alignedTable(scoreHead, shown),
    ...(more > 0 ? [`... and ${withThousands(more)} more`] : []),
    `\n${summary(record)}`,
    ...(left.length > 0 ? [columns(left, 3)] : []),
  ].join("\n");
}

/** How many images are flagged, and by what. */
export const summary = ({ flagged, images, falseAlarms, threshold, heldOut }: ScoreRecord): string =>
  `${withThousands(flagged)} of ${withThousands(images.length)} flagged at ${percent(falseAlarms)} false alarms ` +
  `(threshold ${short(threshold)}, from ${withThousands(heldOut.count)} held-out normal images)`;

/** Files that were not scored, or not completely. */
export const omitted = ({ files, unreadable }: ScoreRecord): [string, string][] => [
  ...fileRows(files),
  ...unreadable.map(({ name, why }): [string, string] => ["  not read", `${printable(name)}: ${printable(why)}`]),
];

/** All scores as a table of comma-separated values. */
export function scoresAsCsv({ images }: Pick<ScoreRecord, "images">): string {
  const rows = images.map(({ image, score, pValue, trainingShareAbove, flagged }) =>
    [csvText(image), score, pValue, trainingShareAbove, flagged].join(","),
  );
  return ["image,score,p_value,training_share_above,flagged", ...rows, ""].join("\n");
}

const csvText = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const percent = (share: number): string => `${short(100 * share)} %`;
