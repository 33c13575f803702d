import { random } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { meanBitsPerDimension, importanceLikelihood } from "../src/entries/likelihood.js";
import { uniforms } from "./fixtures.js";

const logNormal = (x: number, mean: number, variance: number) =>
  -((x - mean) ** 2) / (2 * variance) - Math.log(2 * Math.PI * variance) / 2;

describe("importanceLikelihood", () => {
  // z ~ N(0, 1), x | z ~ N(z, 0.5): p(x) = N(0, 1.5), posterior N(x / 1.5, 1 / 3).
  const xs = [-2, -0.3, 0.4, 1.7];
  const weights = (samples: number, widening: number) => {
    const noise = random.host.normal(random.key(2), xs.length * samples);
    return Float64Array.from(noise, (e, at) => {
      const x = xs[Math.floor(at / samples)]!;
      const z = x / 1.5 + e * Math.sqrt(widening / 3);
      return logNormal(z, 0, 1) + logNormal(x, z, 0.5) - logNormal(z, x / 1.5, widening / 3);
    });
  };

  it("is exact with one sample of the true posterior", () => {
    const { logLikelihoods, effectiveSamples, negativeLogLikelihood } = importanceLikelihood(weights(1, 1), 1);
    xs.forEach((x, i) => expect(logLikelihoods[i]).toBeCloseTo(logNormal(x, 0, 1.5), 12));
    expect([...effectiveSamples]).toEqual([1, 1, 1, 1]);
    expect(negativeLogLikelihood).toBeCloseTo(-xs.reduce((sum, x) => sum + logNormal(x, 0, 1.5), 0) / 4, 12);
  });

  // scipy.special.logsumexp of (8 u - 4).reshape(6, 10), minus log 10.
  it("matches values of SciPy", () => {
    const { negativeLogLikelihood, standardError, effectiveSamples } = importanceLikelihood(
      uniforms(36, 60).map((u) => 8 * u - 4),
      10,
    );
    expect(negativeLogLikelihood).toBeCloseTo(-2.235494371132, 11);
    expect(standardError).toBeCloseTo(0.17154806427, 11);
    [4.87235776, 4.81540545, 1.74372367, 2.13155818, 5.44314941, 3.36863338].forEach((count, i) =>
      expect(effectiveSamples[i]).toBeCloseTo(count, 7),
    );
  });

  it("comes near the truth with samples of a wider law", () => {
    // The relative variance of a weight is 2 / sqrt(3) - 1 = 0.15, so the log of the mean of 10,000
    // has sd 0.004. The bound is 6 of these.
    const { logLikelihoods, effectiveSamples } = importanceLikelihood(weights(10_000, 2), 10_000);
    xs.forEach((x, i) => expect(Math.abs(logLikelihoods[i]! - logNormal(x, 0, 1.5))).toBeLessThan(0.024));
    effectiveSamples.forEach((count) => expect(count / 10_000).toBeGreaterThan(0.8));
  });

  it("does not overflow, and counts impossible samples as zero", () => {
    const { logLikelihoods, standardError } = importanceLikelihood(Float64Array.of(-5000, -Infinity, 900, 900), 2);
    expect(logLikelihoods[0]).toBeCloseTo(-5000 - Math.LN2, 10);
    expect(logLikelihoods[1]).toBeCloseTo(900, 10);
    expect(standardError).toBeCloseTo((5900 + Math.LN2) / 2, 8);
  });

  it("refuses NaN, and examples that no sample explains", () => {
    expect(() => importanceLikelihood(Float64Array.of(0, NaN), 2)).toThrow(/example 0 is NaN/);
    expect(() => importanceLikelihood(Float64Array.of(-Infinity), 1)).toThrow(/cover the posterior/);
  });
});

describe("bitsPerDimension", () => {
  it("of the uniform law over 256 levels is 8", () => {
    expect(meanBitsPerDimension(Float64Array.of(0, 0), 784, [0, 1])).toBe(8);
    expect(meanBitsPerDimension(Float64Array.of(-784 * Math.LN2), 784, [-1, 1])).toBeCloseTo(8, 12);
  });

  it("of the standard normal at zero, on [-1, 1], is 7 + log2(2 pi) / 2", () => {
    expect(meanBitsPerDimension(Float64Array.of(-1.5 * Math.log(2 * Math.PI)), 3, [-1, 1])).toBeCloseTo(8.325748, 6);
  });

  it("refuses what is not finite and an empty range", () => {
    expect(() => meanBitsPerDimension(Float64Array.of(NaN), 1, [0, 1])).toThrow(/NaN at index 0/);
    expect(() => meanBitsPerDimension(Float64Array.of(1), 1, [1, 1])).toThrow(/low < high/);
  });
});
