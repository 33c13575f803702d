/**
 * Agreement with ArviZ 0.23.4 and SciPy on awkward series. diagnostics-reference.py wrote the
 * values.
 */
import { describe, expect, it } from "vitest";
import {
  basicRHat,
  bulkRHat,
  energyFraction,
  essBulk,
  essMean,
  essQuantile,
  essSd,
  essTail,
  foldedRHat,
  inverseNormal,
  mcseMean,
  mcseQuantile,
  mcseSd,
  paretoK,
  splitRHat,
} from "@ergodic/samplers/diagnostics";
import { betaQuantile } from "../src/diagnostics/beta-quantile.js";
import reference from "./diagnostics-reference.json" with { type: "json" };
import { autoregression, changed } from "./diagnostics-series.js";

const measures: { readonly [name: string]: (draws: number[][]) => number } = {
  basicRHat,
  splitRHat,
  bulkRHat,
  foldedRHat,
  essMean,
  essBulk,
  essTail,
  essSd,
  essMedian: (draws) => essQuantile(draws, 0.5),
  essQ10: (draws) => essQuantile(draws, 0.1),
  mcseMean,
  mcseSd,
  mcseMedian: (draws) => mcseQuantile(draws, 0.5),
  mcseQ90: (draws) => mcseQuantile(draws, 0.9),
};

/** Changes to the autoregressions, by the name of the case. */
const changes: { readonly [name: string]: (y: number, chain: number, t: number) => number } = {
  ties: (y) => Math.floor(2 * y),
  binary: (y) => (y > 0.5 ? 1 : 0),
  "heavy tails": (y) => Math.exp(2 * y) - Math.exp(-2 * y),
  skewed: (y) => Math.exp(y),
  trend: (y, _, t) => y + t / 100,
  "far from zero": (y) => y / 8 + 2 ** 20,
  "one constant chain": (y, c) => (c === 2 ? 0.25 : y),
  "chains apart": (y, c) => y + 3 * c,
};

const close = (actual: number, expected: number, tolerance = 1e-9): void =>
  expect(Math.abs(actual - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.abs(expected),
  );

describe.each(reference.series)("$name", ({ name, phi, chains, draws, expected }) => {
  const series = changed(autoregression(phi, chains, draws), changes[name] ?? ((y) => y));
  const { bfmi, ...values } = expected;

  it.each(Object.entries(values))("%s", (measure, value) => {
    close(measures[measure]!(series), value ?? NaN);
  });

  it("E-BFMI", () => {
    energyFraction(series).forEach((fraction, c) =>
      bfmi[c] === null ? expect(fraction).toBeNaN() : close(fraction, bfmi[c]!),
    );
  });
});

it.each(reference.paretoK)("Pareto k-hat of $draws weights exp($scale z)", ({ scale, draws, expected }) => {
  close(paretoK(autoregression(0, 1, draws)[0]!.map((z) => scale * z)), expected, 1e-9);
});

it.each(reference.inverseNormal)("inverse normal at $p", ({ p, expected }) => {
  expect(Math.abs(inverseNormal(p) - expected)).toBeLessThanOrEqual(1e-14 * Math.abs(expected));
});

it.each(reference.betaQuantile)("quantile $p of Beta($a, $b)", ({ p, a, b, expected }) => {
  close(betaQuantile(p, a, b), expected, 1e-9);
});
