/** Formats scores of translations as text. */
import type { Course, DirectionScores, OutputScores, TranslationScores } from "@ergodic/evaluation/translation";
import { alignedTable, short, withThousands } from "../terminal/format.js";

/** Scores of translations as stored in evaluation.json. */
export interface TranslationRecord {
  readonly translation?: TranslationScores & {
    readonly course?: { readonly x: Course; readonly y: Course };
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The head of a column, and its text; undefined where the outputs have no such score. */
type Column = readonly [head: string, format: (scores: OutputScores) => string | undefined];

const allColumns: readonly Column[] = [
  ["MAE", ({ mae }) => mae?.toFixed(4)],
  ["PSNR", ({ psnr }) => (psnr === undefined ? undefined : `${psnr.toFixed(1)} dB`)],
  ["retrieval", ({ retrieval }) => (retrieval === undefined ? undefined : percent(retrieval))],
  ["pair error", ({ pairError }) => pairError?.toFixed(3)],
  ["MMD²", ({ discrepancy }) => discrepancy?.toFixed(4)],
  ["KID-LeNet", ({ kid }) => kid && `${short(kid.value)} ± ${short(kid.sd)}`],
  ["diversity", ({ diversity }) => diversity.toFixed(2)],
  ["change of input", ({ change }) => change?.toFixed(3)],
  ["flicker", ({ temporal }) => temporal?.flicker.toFixed(2)],
  ["consistency", ({ temporal }) => temporal?.consistency?.toFixed(4)],
];

function describeDirection(scores: DirectionScores, course: Course | undefined): string {
  const { to, examples, steps, raw, refined, identity, mean, cycle } = scores;
  const columns = allColumns.filter(([, format]) => format(raw) !== undefined);
  const row = (name: string, of: OutputScores | undefined): string[][] =>
    of === undefined ? [] : [[name, ...columns.map(([, format]) => format(of) ?? "")]];
  const head = [to === "y" ? "x to y" : "y to x", ...columns.map(([name]) => name)];
  const rows = [
    ...row("raw", raw),
    ...row(`refined by ${steps} steps`, refined),
    ...row("the input itself", identity),
    ...row("the mean of the truth", mean),
  ];
  const subset = raw.kid === undefined ? "" : `, KID in subsets of ${raw.kid.subsetSize}`;
  const lines = [
    alignedTable(head, rows),
    `there and back: ${short(cycle)}; ${withThousands(examples)} pairs that training has not seen${subset}`,
  ];
  if (course !== undefined && course.points.length > 1) {
    lines.push(
      course.crossing === undefined
        ? `refined beats raw up to the last checkpoint, iteration ${course.points.at(-1)!.iteration}`
        : `refined beats raw no more from iteration ${course.crossing} on`,
    );
  }
  return lines.join("\n");
}

/** The scores of both directions; empty when none was computed. */
export function describeTranslation({ translation }: TranslationRecord): string {
  if (translation === undefined) return "";
  const { x, y, course } = translation;
  return [describeDirection(y, course?.y), describeDirection(x, course?.x)].join("\n\n");
}
