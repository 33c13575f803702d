/**
 * Draws of any magnitude.
 *
 * Results without a unit do not change with the unit of the draws, bit for bit. Results in the unit
 * of the draws scale with it. Multiplication by powers of two does not round, so the laws hold
 * exactly as long as results are float64 numbers.
 */
import { expect, describe, it } from "vitest";
import { summarize } from "@ergodic/samplers";
import {
  autocorrelation,
  autocovariance,
  basicRHat,
  bulkRHat,
  energyFraction,
  essBulk,
  essMean,
  essQuantile,
  essSd,
  essTail,
  expectedSquaredJumpDistance,
  foldedRHat,
  integratedAutocorrelationTime,
  mcseMean,
  mcseQuantile,
  mcseSd,
  nestedRHat,
  quantile,
  rHat,
  splitRHat,
} from "@ergodic/samplers/diagnostics";
import { autoregression } from "./diagnostics-series.js";

const chains: readonly Float64Array[] = autoregression(0.5, 4, 200).map((chain) => Float64Array.from(chain));
const times = (factor: number): readonly Float64Array[] => chains.map((chain) => chain.map((value) => value * factor));

/**
 * The draws reach 2^1022 and 2^-970, about 1e307 and 1e-292. Halves of draws are still float64
 * numbers.
 */
const factors = [2 ** 664, 2 ** 1019, 2 ** -664, 2 ** -970];

describe.each(factors)("draws times %d", (factor) => {
  const far = times(factor);

  it.each(
    Object.entries({
      essMean,
      essBulk,
      essTail,
      essSd,
      "essQuantile, p = 0.3": (draws: typeof chains) => essQuantile(draws, 0.3),
      integratedAutocorrelationTime,
      basicRHat,
      splitRHat,
      bulkRHat,
      foldedRHat,
      rHat,
      "nestedRHat of 2": (draws: typeof chains) => nestedRHat(draws, 2),
    }),
  )("%s does not depend on the unit", (_, diagnostic) => {
    expect(diagnostic(far)).toBe(diagnostic(chains));
  });

  it("nor do E-BFMI and autocorrelations", () => {
    expect(energyFraction(far)).toEqual(energyFraction(chains));
    expect(autocorrelation(far[0]!)).toEqual(autocorrelation(chains[0]!));
  });

  it.each(
    Object.entries({
      mcseMean,
      mcseSd,
      "mcseQuantile, p = 0.3": (draws: typeof chains) => mcseQuantile(draws, 0.3),
      "quantile, p = 0.3": (draws: typeof chains) => quantile(draws[0]!, 0.3),
    }),
  )("%s is in the unit of the draws", (_, estimate) => {
    expect(estimate(far) / factor).toBe(estimate(chains));
  });

  it("and the table is that of the draws, in their unit", () => {
    const [row, expected] = [summarize({ x: far })[0]!, summarize({ x: chains })[0]!];
    for (const name of ["mean", "sd", "mcseMean", "mcseSd", "q05", "median", "q95"] as const) {
      expect(row[name] / factor).toBe(expected[name]);
    }
    for (const name of ["rHat", "essBulk", "essTail", "advice"] as const) expect(row[name]).toBe(expected[name]);
  });
});

it("squares that are no float64 numbers are infinite, never NaN", () => {
  const far = times(2 ** 664);
  expect(autocovariance(far[0]!)[0]).toBe(Infinity);
  expect(autocovariance(far[0]!)).not.toContain(NaN);
  expect(expectedSquaredJumpDistance(far)).toBe(Infinity);
});

it("a quantile between the largest numbers of either sign is between them", () => {
  expect(quantile([-1.7e308, 1.7e308], 0.5)).toBe(0);
  expect(quantile([-1.7e308, 1.7e308], 0.25)).toBe(-0.85e308);
});

it("the largest numbers of all have a mean and an effective size", () => {
  const [row] = summarize({ x: [[1, 1, 1, -1, 1, 1].map((sign) => sign * Number.MAX_VALUE)] });
  expect(row!.mean / Number.MAX_VALUE).toBeCloseTo(2 / 3, 12);
  expect(row!.sd / Number.MAX_VALUE).toBeCloseTo(Math.sqrt(2 / 3), 12);
  expect(row!.essBulk).toBeGreaterThan(0);
});
