/** A comparison of runs as a page: tables, curves on common axes, pictures side by side. */
import { captioned, charts, curvesChart, excerpt, figure, page, pairs, section, table } from "@ergodic/report";
import { metricExplanation } from "@ergodic/training";
import type { ReportSamples } from "@ergodic/training/node";
import { nameOf, partsOf } from "./describe.js";
import type { ComparedRun, Comparison } from "./compared.js";

const kinds = [
  ["Samples", ({ content }: ComparedRun) => content.samples.at(-1)],
  ["Energies", ({ content }: ComparedRun) => content.landscape],
  ["Reconstructions", ({ content }: ComparedRun) => content.reconstruction],
  ["Translations", ({ content }: ComparedRun) => content.translations.at(-1)],
] as const;

export function comparisonPage(comparison: Comparison): string {
  const { runs, metrics } = comparison;
  const names = runs.map(nameOf);
  const data = runs.map(({ content }) => content.data).find((shown) => shown !== undefined);
  return page({
    title: names.join(" and "),
    lines: [...new Set(runs.map(({ content: { record } }) => record.description).filter((text) => text !== null))],
    body: [
      ...partsOf(comparison).map(([heading, rows]) =>
        section(`${heading[0]!.toUpperCase()}${heading.slice(1)}`, table(["", ...names], rows)),
      ),
      ...kinds.map(([heading, of]) => {
        const pictures = runs.flatMap((run) => shown(of(run), nameOf(run)));
        return section(heading, pairs([...pictures, ...(heading === "Samples" ? shown(data, "data") : [])]));
      }),
      section(
        "Learning curves",
        charts(metrics.map(({ name }) => captioned(curvesOf(name, runs), metricExplanation(name)))),
      ),
    ],
  });
}

function shown(samples: ReportSamples | undefined, name: string): string[] {
  if (samples === undefined) return [];
  const caption = samples.iteration === 0 ? name : `${name}, iteration ${samples.iteration.toLocaleString("en")}`;
  if (samples.extension === "png") return [figure(samples.content, { caption, width: "pair" })];
  return [excerpt(samples.content, { caption, width: "pair", lines: 24 })];
}

const curvesOf = (metric: string, runs: readonly ComparedRun[]): string =>
  curvesChart(
    runs.map((run) => ({
      name: nameOf(run),
      points: run.content.metrics.flatMap((line) => {
        const value = line[metric];
        return typeof value === "number" ? [[line.iteration, value] as const] : [];
      }),
    })),
    { title: metric, xLabel: "iteration" },
  );
