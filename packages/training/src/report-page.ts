/** The report as one HTML page: a pure function of what a run folder holds. No scripts, no links, pictures inside. */
import { escapeHtml, lineChart } from "./chart.js";
import type { RunRecord } from "./folder.js";
import { flattenJson } from "./json.js";
import type { MetricsLine } from "./metrics.js";
import type { Diagnostics } from "./publish.js";
import { reportStyle } from "./report-style.js";

/** How the run stands. */
export type RunStatus =
  | { readonly status: "running" | "completed" | "interrupted" }
  | { readonly status: "diverged"; readonly message: string };

/** A PNG of a moment of the run. */
export interface ReportPicture {
  readonly iteration: number;
  readonly png: Uint8Array;
}

/** Everything the page shows. */
export interface ReportContent {
  readonly record: RunRecord;
  readonly standing: RunStatus;
  readonly metrics: readonly MetricsLine[];
  /** Sample grids, oldest first. */
  readonly samples: readonly ReportPicture[];
  readonly reconstruction: ReportPicture | undefined;
  readonly diagnostics: Diagnostics | undefined;
}

/** The page. */
export function reportPage(content: ReportContent): string {
  const title = content.record.experiment ?? content.record.origin ?? "Training run";
  const sections = [
    heading(title, content),
    samplesSection(content.samples),
    reconstructionSection(content.reconstruction),
    curvesSection(content.metrics),
    diagnosticsSection(content.diagnostics),
    configSection(content.record),
  ];
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title>`,
    `<style>${reportStyle}</style></head><body><main>`,
    ...sections,
    "</main></body></html>\n",
  ].join("\n");
}

function heading(title: string, { record, standing, metrics }: ReportContent): string {
  const last = metrics.at(-1);
  const iterations = flattenJson(record.config).get("training.iterations");
  const facts: [string, string][] = [
    ["status", standing.status],
    [
      "iterations logged",
      `${count(last?.iteration ?? 0)} of ${typeof iterations === "number" ? count(iterations) : "?"}`,
    ],
    ["training time", duration(last?.seconds ?? 0)],
    ["engine", record.engine.name],
    ["seed", String(record.seed)],
  ];
  const lines = [record.description, record.model, record.data].filter((line) => line !== null);
  return [
    `<h1>${escapeHtml(title)}</h1>`,
    ...lines.map((line) => `<p class="soft">${escapeHtml(line)}</p>`),
    standing.status === "diverged" ? `<p class="bad">${escapeHtml(standing.message)}</p>` : "",
    `<div class="facts">${facts.map(([name, value]) => `<div class="fact"><span>${name}</span>${escapeHtml(value)}</div>`).join("")}</div>`,
  ].join("\n");
}

function samplesSection(samples: readonly ReportPicture[]): string {
  const latest = samples.at(-1);
  if (latest === undefined) return "";
  const earlier = samples.slice(0, -1);
  const time =
    earlier.length === 0
      ? ""
      : `<h2>Samples over time</h2><div class="pictures">${earlier.map((one) => figure(one)).join("")}</div>`;
  return `<h2>Samples</h2>${figure(latest, "wide")}${time}`;
}

function reconstructionSection(picture: ReportPicture | undefined): string {
  if (picture === undefined) return "";
  return `<h2>Reconstructions</h2><p class="soft">Data above, what the model makes of it below.</p>${figure(picture, "wide")}`;
}

function curvesSection(metrics: readonly MetricsLine[]): string {
  const names = [...new Set(metrics.flatMap((line) => Object.keys(line)))].filter(
    (name) => name !== "iteration" && name !== "seconds",
  );
  if (names.length === 0) return "";
  const charts = names.map((title) => {
    const points = metrics.flatMap((line) => {
      const value = line[title];
      return value === undefined ? [] : [[line.iteration, value] as const];
    });
    return lineChart({ title, xLabel: "iteration", points });
  });
  return `<h2>Learning curves</h2><div class="charts">${charts.join("")}</div>`;
}

function diagnosticsSection(diagnostics: Diagnostics | undefined): string {
  if (diagnostics === undefined) return "";
  const charts = Object.entries(diagnostics.curves).map(([title, curve]) =>
    lineChart({ title, xLabel: "step", points: curve.map((value, i) => [i, value] as const), smooth: false }),
  );
  const when = `<p class="soft">At iteration ${count(diagnostics.iteration)}.</p>`;
  return `<h2>Chain diagnostics</h2>${when}<div class="charts">${charts.join("")}</div>`;
}

function configSection(record: RunRecord): string {
  const rows: [string, unknown][] = [
    ...flattenJson(record.config),
    ["engine", record.engine.description],
    ["started", record.date],
    ...record.resumed.map(({ date, iteration }): [string, string] => ["resumed", `${date} at iteration ${iteration}`]),
    ...Object.entries(record.versions),
  ];
  const cells = rows.map(([name, value]) => {
    const text =
      typeof value === "string" ? value : typeof value === "number" ? formatExact(value) : JSON.stringify(value);
    return `<tr><td>${escapeHtml(name)}</td><td><code>${escapeHtml(text)}</code></td></tr>`;
  });
  return `<h2>Configuration</h2><table>${cells.join("")}</table>`;
}

function figure({ iteration, png }: ReportPicture, style = ""): string {
  const source = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const caption = `iteration ${count(iteration)}`;
  return `<figure class="${style}"><img alt="${caption}" src="${source}"><figcaption>${caption}</figcaption></figure>`;
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
