/** What several runs have in common and what differs: settings, metrics, scores. */
import { flattenJson, metricOrder } from "@ergodic/training";
import type { MetricsLine, ReportContent } from "@ergodic/training/node";
import { readEvaluations, type Evaluation } from "../evaluation/evaluation-file.js";
import { join } from "node:path";
import { readRun } from "@ergodic/training/node";

/** A run with its newest scores by name. */
export interface ComparedRun {
  readonly folder: string;
  readonly content: ReportContent;
  readonly scores: Readonly<Record<string, number>>;
}

/** A row of a comparison: a value for each run. */
export interface ComparedRow<T> {
  readonly name: string;
  readonly values: readonly (T | undefined)[];
}

export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** Settings that differ, as JSON. */
  readonly settings: readonly ComparedRow<string>[];
  /** The last logged value of every metric. */
  readonly metrics: readonly ComparedRow<number>[];
  readonly scores: readonly ComparedRow<number>[];
}

/** @throws RunFolderError for a folder that is no run */
export async function openCompared(folder: string): Promise<ComparedRun> {
  const { evaluations } = await readEvaluations(join(folder, "evaluation.json"));
  const scores = Object.assign({}, ...Object.values(evaluations).map(scoresIn)) as Record<string, number>;
  return { folder, content: await readRun(folder), scores };
}

/** Scores that are deeper in an evaluation, those of the model's own samples. */
const deeper: Readonly<Record<string, string>> = {
  discrepancy: "cloud.laws.model.discrepancy",
  highQuality: "cloud.laws.model.coverage.highQuality",
  modesCovered: "cloud.laws.model.coverage.covered",
  reconstructionError: "cloud.reconstruction",
  homogeneity: "symbols.homogeneity",
  mutualInformation: "symbols.information",
  valid: "sentences.samples.model.valid.value",
  differentValid: "sentences.samples.model.valid.different",
  wordDivergence: "sentences.samples.model.wkl",
  fppl: "sentences.samples.model.fppl.value",
  rppl: "sentences.samples.model.rppl.value",
  bleu: "sentences.bleu.value",
  replies: "sentences.replies.value",
  control: "sentences.control.value",
};

/** The scores of an evaluation: numbers under `value`, and {@link deeper} ones. */
export function scoresIn(evaluation: Evaluation): Record<string, number> {
  const numberAt = (path: string): number | undefined => {
    const found = path
      .split(".")
      .reduce<unknown>(
        (part, name) => (part as Readonly<Record<string, unknown>> | null | undefined)?.[name],
        evaluation,
      );
    return typeof found === "number" ? found : undefined;
  };
  const paths = [...Object.keys(evaluation).map((name) => [name, `${name}.value`] as const), ...Object.entries(deeper)];
  return Object.fromEntries(
    paths.flatMap(([name, path]) => {
      const value = numberAt(path);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Compares runs. Rows with losses come first. */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const settings = runs.map(({ content: { record } }) => {
    const parts = flattenJson(record.config);
    return new Map([["experiment", record.experiment ?? record.origin], ...parts, ["engine", record.engine.name]]);
  });
  const last = runs.map(({ content }) => metricsOf(content.metrics.at(-1)));
  const scores = runs.map((run) => run.scores);
  return {
    runs,
    settings: rowsOf(settings.map((map) => map.keys()))
      .map((name) => ({ name, values: settings.map((map) => JSON.stringify(map.get(name)) as string | undefined) }))
      .filter(({ values }) => new Set(values).size > 1),
    metrics: metricOrder(rowsOf(last.map(Object.keys))).map((name) => ({ name, values: last.map((row) => row[name]) })),
    scores: rowsOf(scores.map(Object.keys)).map((name) => ({ name, values: scores.map((row) => row[name]) })),
  };
}

const rowsOf = (names: readonly Iterable<string>[]): string[] => [...new Set(names.flatMap((some) => [...some]))];

/** The metrics of a logged line, without its counters. */
export function metricsOf(line: MetricsLine | undefined): Record<string, number> {
  const entries = Object.entries(line ?? {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && !["iteration", "seconds"].includes(entry[0]),
  );
  return Object.fromEntries(entries);
}
