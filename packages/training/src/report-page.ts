/** The report as one HTML page: a pure function of the content of a run folder. */
import {
  captioned,
  charts,
  definitions,
  escapeHtml,
  excerpt,
  facts,
  figure,
  lineChart,
  notes,
  page,
  pairs,
  paragraph,
  pictures,
  section,
} from "@ergodic/report";
import { flattenJson } from "./json.js";
import { metricExplanation, metricOrder } from "./metric-words.js";
import type { MetricsLine } from "./metrics.js";
import type { Phases } from "./phases.js";
import type { Diagnostics } from "./publish.js";
import type { RunRecord } from "./run-record.js";
import type { SampleFile } from "./samples/sample-file.js";
import type { RunStatus } from "./standing.js";

/** Samples of one iteration. */
export type ReportSamples = SampleFile & { readonly iteration: number };

/** Everything the page shows. */
export interface ReportContent {
  readonly record: RunRecord;
  readonly standing: RunStatus;
  readonly metrics: readonly MetricsLine[];
  /** Oldest first. */
  readonly samples: readonly ReportSamples[];
  /** Examples of the data, in the form of the samples. */
  readonly data: ReportSamples | undefined;
  /** The energy in the plane. */
  readonly landscape: ReportSamples | undefined;
  readonly reconstruction: ReportSamples | undefined;
  /** Oldest first. */
  readonly translations: readonly ReportSamples[];
  readonly panels: ReportSamples | undefined;
  readonly diagnostics: Diagnostics | undefined;
}

/** The scores of one evaluation. */
export interface ReportScores {
  /** What was evaluated. */
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
  readonly notes: readonly string[];
}

/** Seconds after which the page of a running training loads itself anew. */
const refreshEvery = 30;

/** The page. */
export function reportPage(content: ReportContent & { readonly scores: readonly ReportScores[] }): string {
  const { record, standing, metrics, reconstruction, translations, panels, diagnostics, scores } = content;
  return page({
    title: record.experiment ?? record.origin ?? "Training run",
    refresh: standing.status === "running" ? refreshEvery : undefined,
    lines: [record.description, record.model, record.data].filter((line) => line !== null),
    body: [
      standing.status === "diverged" ? `<p class="bad">${escapeHtml(standing.message)}</p>` : "",
      facts(standingFacts(content)),
      scoresSection(scores),
      samplesSection(content),
      panelsSection(panels),
      reconstructionSection(reconstruction),
      translationSection(translations),
      curvesSection(metrics),
      diagnosticsSection(diagnostics),
      configSection(record),
    ],
  });
}

function standingFacts({ record, standing, metrics }: ReportContent): [string, string][] {
  const last = metrics.at(-1);
  const iterations = flattenJson(record.config).get("training.iterations");
  return [
    ["status", standing.status === "diverged" ? "failed: diverged" : standing.status],
    [
      "iterations logged",
      `${count(last?.iteration ?? 0)} of ${typeof iterations === "number" ? count(iterations) : "?"}`,
    ],
    ...phaseFacts(record),
    ["training time", duration(last?.seconds ?? 0)],
    ["engine", record.engine.name],
    ["seed", String(record.seed)],
  ];
}

/** The iterations of each phase. */
function phaseFacts({ config }: RunRecord): [string, string][] {
  let before = 0;
  const { phases } = config.training as { readonly phases?: Phases | null };
  const parts = Object.entries(phases ?? {}).map(([name, length]) => {
    before += length;
    return `${name} ${count(before - length + 1)} to ${count(before)}`;
  });
  return parts.length === 0 ? [] : [["phases", parts.join(", ")]];
}

/** Scores, newest evaluation first. */
function scoresSection(scores: readonly ReportScores[]): string {
  const parts = [...scores].reverse().flatMap(({ title, rows, notes: remarks }) => {
    return [paragraph(title), definitions(rows), notes(remarks, "plain")];
  });
  return section("Scores", ...parts);
}

function samplesSection({ samples, data, landscape }: ReportContent): string {
  const latest = samples.at(-1);
  if (latest === undefined) return "";
  const beside = [
    shownSamples(latest, "pair", `samples, iteration ${count(latest.iteration)}`),
    ...(data === undefined ? [] : [shownSamples(data, "pair", "data")]),
    ...(landscape === undefined ? [] : [shownSamples(landscape, "pair", landscapeWords(landscape))]),
  ];
  const earlier = samples.slice(0, -1).map((one) => shownSamples(one, "small"));
  return section("Samples", pairs(beside)) + section("Samples over time", pictures(earlier));
}

const landscapeWords = ({ iteration }: ReportSamples): string =>
  `energy and samples, iteration ${count(iteration)}: dark is likely, white is 10 nats and more above the least energy`;

function panelsSection(shown: ReportSamples | undefined): string {
  if (shown === undefined) return "";
  const words = "From the left: data, latents of the data, latents of the model, samples. Colours are symbols.";
  return section("Latents and symbols", paragraph(words), shownSamples(shown, "wide"));
}

function reconstructionSection(shown: ReportSamples | undefined): string {
  if (shown === undefined) return "";
  return section(
    "Reconstructions",
    paragraph("Data above, what the model makes of it below."),
    shownSamples(shown, "wide"),
  );
}

function translationSection(shown: readonly ReportSamples[]): string {
  const latest = shown.at(-1);
  if (latest === undefined) return "";
  const words =
    "Images are rows: x, translated to y, refined, brought back to x; then y, translated to x, refined, brought back. Points are translations to y over those of y.";
  return (
    section("Translations", paragraph(words), shownSamples(latest, "wide")) +
    section("Translations over time", pictures(shown.slice(0, -1).map((one) => shownSamples(one, "small"))))
  );
}

function curvesSection(metrics: readonly MetricsLine[]): string {
  const names = [...new Set(metrics.flatMap((line) => Object.keys(line)))].filter(
    (name) => !["iteration", "seconds", "phase"].includes(name),
  );
  const curves = metricOrder(names).map((title) => {
    const points = metrics.flatMap((line) => {
      const value = line[title];
      return typeof value !== "number" ? [] : [[line.iteration, value] as const];
    });
    return captioned(lineChart({ title, xLabel: "iteration", points }), metricExplanation(title));
  });
  return section("Learning curves", charts(curves));
}

function diagnosticsSection(diagnostics: Diagnostics | undefined): string {
  if (diagnostics === undefined) return "";
  const curves = Object.entries(diagnostics.curves).map(([title, curve]) =>
    lineChart({ title, xLabel: "step", points: curve.map((value, i) => [i, value] as const), smooth: false }),
  );
  return section("Chain diagnostics", paragraph(`At iteration ${count(diagnostics.iteration)}.`), charts(curves));
}

function configSection(record: RunRecord): string {
  const rows: [string, unknown][] = [
    ...flattenJson(record.config),
    ["engine", record.engine.description],
    ...circumstances(record),
    ...record.resumed.map(({ date, iteration }): [string, string] => ["resumed", `${date} at iteration ${iteration}`]),
    ...(record.rolledBack ?? []).map(({ from, to }): [string, string] => ["rolled back", `from ${from} to ${to}`]),
    ...Object.entries(record.versions ?? {}),
  ];
  const entries = rows.map(([name, value]) => {
    const text =
      typeof value === "string" ? value : typeof value === "number" ? formatExact(value) : JSON.stringify(value);
    return [name, text] as const;
  });
  return section("Configuration", definitions(entries));
}

/** Where and how the run was started, as far as recorded. */
function circumstances({ command, processor, git, source, date }: RunRecord): [string, string][] {
  const rows: [string, string | undefined][] = [
    ["processor", processor],
    ["command", command?.join(" ")],
    ["commit", git && `${git.commit}${git.changed ? " with changes" : ""}`],
    ["experiment", source && `${source.entry}, SHA-256 ${source.sha256}`],
    ["started", date],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

/** Number of text lines shown, by the width of the picture. */
const shownLines = { wide: 32, pair: 24, small: 8 };

/** A sample file in the page: a picture, or the first lines of a text. */
function shownSamples(
  { iteration, ...file }: ReportSamples,
  width: keyof typeof shownLines,
  caption = `iteration ${count(iteration)}`,
): string {
  if (file.extension === "png") return figure(file.content, { caption, width });
  return excerpt(file.content, { caption, width, lines: shownLines[width] });
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function formatExact(value: number): string {
  return Number.isInteger(value) ? String(value) : Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
