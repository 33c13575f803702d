/** Numbers read back from a plot equal the plotted data. */
import { describe, expect, it } from "vitest";
import {
  correlationPlot,
  formatNumber,
  histogramPlot,
  lineChart,
  rankPlot,
  scatterPlot,
  tracePlot,
} from "../src/index.js";
import { niceTicks } from "../src/axis.js";
import { all, corners, parse, textOf, yScale } from "./support.js";

const wave = (phase: number, length = 100) => Array.from({ length }, (_, t) => 3 * Math.sin(t / 7 + phase));

describe("line charts", () => {
  it("stand for any curve: none, one point, constant, long, with gaps", () => {
    const curves = [
      [],
      [[3, 5] as const],
      [[0, 2] as const, [1, 2] as const],
      Array.from({ length: 20_000 }, (_, i) => [i, Math.sin(i / 500)] as const),
      [[0, NaN] as const, [1, 1] as const, [2, Infinity] as const],
    ];
    for (const points of curves) {
      const svg = lineChart({ title: "a<b", xLabel: "step", points });
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(textOf(all(parse(svg), "text", "title")[0]!)).toBe("a<b");
      expect(svg.length).toBeLessThan(60_000);
    }
  });

  it("have round ticks inside their range", () => {
    expect(niceTicks(0, 10)).toEqual([0, 5, 10]);
    expect(niceTicks(-0.31, 0.29)).toEqual([-0.2, 0, 0.2]);
    expect([0, 0.5, 12.3456, 12345, 2e7, -0.00001].map(formatNumber)).toEqual([
      "0",
      "0.5",
      "12.35",
      "12.35k",
      "2e7",
      "-1e-5",
    ]);
  });
});

describe("trace plots", () => {
  it("draw every chain through its values, in its own colour, and the level", () => {
    const series = [wave(0), wave(1), wave(2)];
    const svg = parse(tracePlot(series, { title: "x", level: { value: 1.5, name: "exact mean" } }));
    const value = yScale(svg);
    const paths = all(svg, "path", "chain");
    expect(paths.map(({ attributes }) => attributes["class"])).toEqual(["chain c0", "chain c1", "chain c2"]);
    paths.forEach((path, c) => {
      const read = corners(path).map(([, y]) => value(y));
      expect(read).toHaveLength(100);
      read.forEach((got, t) => expect(got).toBeCloseTo(series[c]![t]!, 1));
    });
    expect(value(Number(all(svg, "line", "level")[0]!.attributes["y1"]))).toBeCloseTo(1.5, 1);
    expect(textOf(svg)).toContain("exact mean");
  });

  it("keep the extremes of long chains, and skip what is not finite", () => {
    const long = wave(0, 50_000);
    long[31_234] = 40;
    long[7] = NaN;
    const svg = parse(tracePlot([long], { title: "x" }));
    const read = corners(all(svg, "path", "chain")[0]!).map(([, y]) => yScale(svg)(y));
    expect(read.length).toBeLessThan(400);
    expect(Math.max(...read)).toBeCloseTo(40, 0);
  });

  it("number draws as they are told", () => {
    const labels = all(parse(tracePlot([wave(0, 11)], { title: "x", from: 100, every: 10, xLabel: "step" })), "text");
    expect(labels.map(textOf)).toEqual(expect.arrayContaining(["100", "150", "200", "step"]));
  });
});

it("rank plots have bars as high as the counts, a row for each chain, and the expected height", () => {
  const counts = [
    [10, 20, 30],
    [30, 20, 10],
  ];
  const svg = parse(rankPlot(counts, { title: "ranks" }));
  const levels = all(svg, "line", "level").map(({ attributes }) => Number(attributes["y1"]));
  all(svg, "path", "bars").forEach((path, c) => {
    const [floor] = /M[\d.]+ ([\d.]+)/.exec(path.attributes["d"]!)!.slice(1).map(Number) as [number];
    const tops = [...path.attributes["d"]!.matchAll(/V([\d.]+)H/g)].map((match) => floor - Number(match[1]));
    const unit = (floor - levels[c]!) / 20;
    tops.forEach((height, i) => expect(height / unit).toBeCloseTo(counts[c]![i]!, 0));
  });
});

it("autocorrelation plots show every chain and their mean", () => {
  const correlations = [
    [1, 0.5, 0.2],
    [1, 0.1, -0.4],
  ];
  const svg = parse(correlationPlot(correlations, { title: "memory" }));
  const mean = corners(all(svg, "path", "mean")[0]!).map(([, y]) => yScale(svg)(y));
  [1, 0.3, -0.1].forEach((value, lag) => expect(mean[lag]).toBeCloseTo(value, 1));
  expect(all(svg, "path", "chain")).toHaveLength(2);
});

it("histograms hold the share of every bin, whatever the number of values", () => {
  const few = [0, 1];
  const many = [...new Array<number>(300).fill(0), ...new Array<number>(100).fill(1)];
  const svg = parse(
    histogramPlot(
      [
        { name: "few", values: few },
        { name: "many", values: many },
      ],
      { title: "energies", xLabel: "E" },
    ),
  );
  const highest = all(svg, "path", "bars").map((path) => {
    const tops = [...path.attributes["d"]!.matchAll(/V([\d.]+)H/g)].map((match) => Number(match[1]));
    return Math.max(...tops) - Math.min(...tops);
  });
  expect(highest[0]! / highest[1]!).toBeCloseTo(0.5 / 0.75, 1);
  expect(textOf(svg)).toContain("few");
});

it("scatter plots place every point, and mark the special ones", () => {
  const points = Array.from({ length: 7 }, (_, i) => [i, i * i] as const);
  const svg = parse(
    scatterPlot(points, { title: "plane", xLabel: "a", yLabel: "b", marked: { name: "divergent", points: [[3, 9]] } }),
  );
  const drawn = corners(all(svg, "path", "points")[0]!).map(([, y]) => yScale(svg)(y));
  expect(drawn).toHaveLength(7);
  drawn.forEach((value, i) => expect(value).toBeCloseTo(i * i, 0));
  expect(all(svg, "path", "marked")).toHaveLength(1);
  expect(textOf(svg)).toContain("divergent");
});
