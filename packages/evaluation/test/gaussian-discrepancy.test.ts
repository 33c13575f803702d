/**
 * The discrepancy with Gaussian kernels: its definition, its mean for equal laws, and what it
 * refuses.
 */
import { gaussianDiscrepancy } from "@ergodic/evaluation";
import { random } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";

describe("gaussianDiscrepancy", () => {
  it("reproduces values of NumPy", () => {
    // import numpy as np
    // a = np.sin(np.arange(8) * 1.7).reshape(4, 2); b = np.sin(np.arange(6) * 1.7 + 1).reshape(3,
    // 2) def k(x, y):
    //   d = ((x[:, None] - y[None]) ** 2).sum(-1)
    //   return np.mean([np.exp(-d / (2 * s * s)) for s in (0.2, 0.5, 1, 2)], 0)
    // u = lambda x: (k(x, x).sum() - len(x)) / (len(x) * (len(x) - 1))
    // print(u(a) + u(b) - 2 * k(a, b).mean())
    const wave = (n: number, shift: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(i * 1.7 + shift));
    expect(gaussianDiscrepancy(wave(8, 0), wave(6, 1), 2)).toBeCloseTo(-0.0160542155051423, 10);
  });

  it("is near 0 for two sets of one law, and large for a shifted one", () => {
    const normal = (name: string, mean: number) => random.host.normal(random.key(name), 2 * 1000, { mean });
    // The standard deviation over keys is about 0.0004 at 1,000 points; the bound is five of them.
    expect(Math.abs(gaussianDiscrepancy(normal("a", 0), normal("b", 0), 2))).toBeLessThan(0.002);
    expect(gaussianDiscrepancy(normal("a", 0), normal("b", 0.5), 2)).toBeGreaterThan(0.02);
  });

  const points = (...values: number[]) => Float64Array.from(values);

  it.each([
    [() => gaussianDiscrepancy(points(0, 0), points(0, 0, 1, 1), 2), /the first points has 1 rows/],
    [() => gaussianDiscrepancy(points(0, 0, 1), points(0, 0, 1, 1), 2), /no multiple of 2/],
    [() => gaussianDiscrepancy(points(0, NaN, 1, 1), points(0, 0, 1, 1), 2), /the first points/],
    [() => gaussianDiscrepancy(points(0, 0, 1, 1), points(0, 0, 1, 1), 2, []), /bandwidths is empty/],
    [() => gaussianDiscrepancy(points(0, 0, 1, 1), points(0, 0, 1, 1), 2, [0]), /bandwidths\[0\] is 0/],
  ])("refuses what has no discrepancy (%#)", (ask, message) => expect(ask).toThrow(message));
});
