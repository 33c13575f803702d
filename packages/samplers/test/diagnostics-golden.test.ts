/**
 * Diagnostics of five published series compared with ArviZ 0.23.4, to four digits. An error in any
 * step of an implementation changes them.
 */
import { describe, expect, it } from "vitest";
import {
  autocorrelation,
  basicRHat,
  bulkRHat,
  essBulk,
  essMean,
  essQuantile,
  essTail,
  foldedRHat,
  integratedAutocorrelationTime,
  mcseMean,
  splitRHat,
} from "@ergodic/samplers/diagnostics";
import { autoregression, changed } from "./diagnostics-series.js";

const measures = {
  basicRHat,
  splitRHat,
  bulkRHat,
  foldedRHat,
  essBulk,
  essTail,
  essMean,
  essMedian: (draws: number[][]) => essQuantile(draws, 0.5),
  essQ05: (draws: number[][]) => essQuantile(draws, 0.05),
  mcseMean,
};

const white = autoregression(0, 4, 500);
const slow = autoregression(0.8, 4, 500);

const golden = [
  {
    name: "white noise",
    draws: white,
    start: [-0.55505411, 1.49447139, -0.90909539],
    expected: [0.999594, 0.998863, 0.998844, 0.999382, 1888.647, 1855.899, 1892.269, 1939.387, 1855.899, 0.0228],
  },
  {
    name: "autoregression 0.8",
    draws: slow,
    start: [-0.33303247, 0.63025686, -0.04125175],
    expected: [1.004143, 1.005703, 1.005612, 1.015704, 218.38, 457.639, 217.968, 312.97, 457.639, 0.070235],
  },
  {
    name: "one chain displaced by 1",
    draws: changed(white, (y, c) => (c === 3 ? y + 1 : y)),
    start: [-0.55505411, 1.49447139, -0.90909539],
    expected: [1.125928, 1.10796, 1.107119, 1.008425, 26.3752, 488.096, 26.1854, 44.2334, 1227.695, 0.212459],
  },
  {
    // Locations agree exactly. Only the folded R-hat and the tail size detect the wider chain.
    name: "one chain three times as wide",
    draws: changed(white, (y, c) => (c === 3 ? 3 * y : y)),
    start: [-0.55505411, 1.49447139, -0.90909539],
    expected: [0.999175, 0.998513, 0.998723, 1.143942, 1937.422, 35.7937, 1937.366, 1939.102, 41.7211, 0.038806],
  },
  {
    name: "autoregression -0.5, worth more than independent draws",
    draws: autoregression(-0.5, 4, 500),
    start: [-0.48069096, 1.53459567, -1.55459754],
    expected: [0.9992, 0.99831, 0.998329, 1.001874, 5832.923, 2102.338, 5704.737, 4540.717, 2206.429, 0.013027],
  },
];

describe.each(golden)("$name", ({ draws, start, expected }) => {
  it("is the series the values belong to", () => {
    start.forEach((value, t) => expect(draws[0]![t]).toBeCloseTo(value, 8));
  });

  it.each(Object.entries(measures).map(([name, measure], i) => ({ name, measure, value: expected[i]! })))(
    "$name is $value",
    ({ measure, value }) => {
      // Relative 1e-4, and within the last printed digit.
      const tolerance = Math.min(1e-4 * value, Math.max(1e-6, 1e-5 * value));
      expect(Math.abs(measure(draws) - value)).toBeLessThan(tolerance);
    },
  );
});

it("autocorrelation of the first slow chain", () => {
  const expected = [1, 0.791374, 0.62776, 0.499248, 0.387817, 0.297706];
  const actual = autocorrelation(slow[0]!);
  expected.forEach((value, lag) => expect(Math.abs(actual[lag]! - value)).toBeLessThan(1e-6));
});

it("integrated autocorrelation time is near (1 + φ)/(1 - φ)", () => {
  // 33 chains of 2000 draws, φ = 0.6, τ = 4. The relative standard error of τ is about 4 %, so 20 %
  // is five of them.
  const time = integratedAutocorrelationTime(autoregression(0.6, 33, 2000));
  expect(Math.abs(time / 4 - 1)).toBeLessThan(0.2);
});
