/** The overlap of two histograms: closed form for normals, invariances, and the effect of noise. */
import { describe, expect, it } from "vitest";
import { random } from "@ergodic/tensor";
import { histogramOverlap, inverseNormal } from "@ergodic/samplers/diagnostics";

describe("the overlap of histograms", () => {
  const normal = (n: number, shift = 0) =>
    Float64Array.from({ length: n }, (_, i) => inverseNormal((i + 0.5) / n) + shift);
  /** Φ(-x), by the trapezoid rule. */
  const tail = (x: number): number => {
    const step = 1e-3;
    const density = Array.from({ length: 8000 }, (_, i) => Math.exp(-((x + (i + 0.5) * step) ** 2) / 2));
    return (density.reduce((a, b) => a + b) * step) / Math.sqrt(2 * Math.PI);
  };

  it.each([0.5, 1, 2, 4])("of normals that lie %f standard deviations apart is 2Φ(-δ/2)", (apart) => {
    expect(Math.abs(histogramOverlap(normal(20_000), normal(20_000, apart)) - 2 * tail(apart / 2))).toBeLessThan(0.01);
  });

  it("is 1 for the same numbers and 0 for numbers apart, whatever their scale and number", () => {
    expect(histogramOverlap(normal(50), normal(50))).toBeCloseTo(1, 12);
    expect(histogramOverlap(normal(60), normal(30, 99), { bins: 9 })).toBeCloseTo(0, 12);
    expect(histogramOverlap([3, 3, 3], [3, 3])).toBeCloseTo(1, 12);
    const [a, b] = [normal(300), normal(500, 0.7)];
    const bent = [a, b].map((values) => values.map(Math.exp)) as [Float64Array, Float64Array];
    expect(histogramOverlap(...bent)).toBeCloseTo(histogramOverlap(a, b), 12);
    // Outliers do not force the other values into one bin.
    expect(histogramOverlap([...normal(500), 1e9], [...normal(500, 4), 1e9])).toBeLessThan(0.1);
  });

  it("of samples of one law is 1 - √((K - 1)/(πn)) on average", () => {
    const [n, bins, runs] = [400, 10, 300];
    const overlaps = Array.from({ length: runs }, (_, r) => {
      const draws = random.host.uniform(random.fold(random.key("overlap"), r), 2 * n);
      return histogramOverlap(draws.slice(0, n), draws.slice(n), { bins });
    });
    const mean = overlaps.reduce((sum, value) => sum + value, 0) / runs;
    expect(Math.abs(1 - mean - Math.sqrt((bins - 1) / (Math.PI * n)))).toBeLessThan(0.005);
  });

  it("names what is wrong", () => {
    expect(() => histogramOverlap([], [1])).toThrow(/first is empty/);
    expect(() => histogramOverlap([1], [2, NaN])).toThrow(/second\[1\] is NaN/);
    expect(() => histogramOverlap([1], [2], { bins: 0 })).toThrow(/bins is 0/);
  });
});
