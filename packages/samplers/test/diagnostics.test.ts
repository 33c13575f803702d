/**
 * Laws of the diagnostics: definitions summed directly, invariances, worked examples, the sentences
 * of the table, and errors.
 */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { ValidationError } from "@ergodic/tensor";
import { formatSummary, summarize } from "@ergodic/samplers";
import {
  autocorrelation,
  autocovariance,
  basicRHat,
  bulkRHat,
  energyFraction,
  essBulk,
  essMean,
  essQuantile,
  essTail,
  expectedSquaredJumpDistance,
  foldedRHat,
  importanceSampleSize,
  inverseNormal,
  mcseMean,
  mcseQuantile,
  mcseSd,
  modeVisits,
  nearestMode,
  nestedRHat,
  occupancyTest,
  paretoK,
  quantile,
  rankNormalise,
  rHat,
  roundTrips,
  splitChains,
  splitRHat,
  summarizeTransitions,
} from "@ergodic/samplers/diagnostics";
import { autoregression, changed } from "./diagnostics-series.js";

beforeAll(async () => {
  await useEngine("cpu");
});

const close = (actual: number, expected: number, tolerance = 1e-9): void =>
  expect(Math.abs(actual - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected)),
  );
const seeded = { seed: 6, numRuns: 60 };
const someChains = fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 4, max: 21 })).chain(([chains, draws]) =>
  fc.array(fc.array(fc.integer({ min: -6, max: 6 }), { minLength: draws, maxLength: draws }), {
    minLength: chains,
    maxLength: chains,
  }),
);

describe("autocovariance", () => {
  it("is the sum of its definition", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 2, maxLength: 70 }), (x) => {
        const n = x.length;
        const centre = x.reduce((a, b) => a + b) / n;
        autocovariance(x).forEach((value, lag) => {
          let sum = 0;
          for (let i = 0; i + lag < n; i++) sum += (x[i]! - centre) * (x[i + lag]! - centre);
          close(value, sum / n, 1e-12);
        });
      }),
      seeded,
    );
  });

  it("has autocorrelation 1 at lag 0, and NaN for a constant series", () => {
    expect(autocorrelation([1, 2, 4])[0]).toBe(1);
    expect([...autocorrelation([0.1, 0.1, 0.1])].every(Number.isNaN)).toBe(true);
  });
});

describe("ranks and quantiles", () => {
  it("splitting drops the middle draw of an odd chain", () => {
    const halves = splitChains([Float64Array.of(1, 2, 3, 4, 5), Float64Array.of(6, 7, 8, 9, 10)]);
    expect(halves.map((half) => [...half])).toEqual([
      [1, 2],
      [4, 5],
      [6, 7],
      [9, 10],
    ]);
  });

  it("normal scores are those of mean ranks, whatever the values", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), {
          minLength: 1,
          maxLength: 60,
        }),
        (x) => {
          const [scores] = rankNormalise([Float64Array.from(x)]);
          x.forEach((value, i) => {
            const rank =
              x.filter((other) => other < value).length + (x.filter((other) => other === value).length + 1) / 2;
            close(scores![i]!, inverseNormal((rank - 0.375) / (x.length + 0.25)), 1e-14);
          });
        },
      ),
      seeded,
    );
  });

  it("quantiles are linear between order statistics", () => {
    expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile([10, 0, 20, 40], p))).toEqual([0, 7.5, 15, 34, 40]);
    // At k/n of n + 1 numbers it is one of them, even if n · (k/n) rounds to less than k, as 100 ·
    // 0.29 does.
    const upTo = (n: number) => Array.from({ length: n + 1 }, (_, k) => k);
    for (const n of [100, 107, 193]) expect(upTo(n).map((k) => quantile(upTo(n), k / n))).toEqual(upTo(n));
  });

  it("the inverse normal is odd and has its ends", () => {
    expect([inverseNormal(0), inverseNormal(0.5), inverseNormal(1)]).toEqual([-Infinity, 0, Infinity]);
    for (const p of [1 / 1024, 1 / 16, 0.25]) expect(inverseNormal(1 - p)).toBe(-inverseNormal(p));
  });
});

describe("R-hat", () => {
  it("is the formula of a worked example", () => {
    // Means 2.5 and 4.5, variances 5/3 each: B = 4 · 2 = 8, W = 5/3, R² = (8/(5/3) + 3)/4.
    close(
      basicRHat([
        [1, 2, 3, 4],
        [3, 4, 5, 6],
      ]),
      Math.sqrt((24 / 5 + 3) / 4),
      1e-15,
    );
  });

  it("folded R-hat is the bulk one of distances from the median of the half chains", () => {
    fc.assert(
      fc.property(someChains, (draws) => {
        const median = quantile(
          splitChains(draws.map((c) => Float64Array.from(c))).flatMap((half) => [...half]),
          0.5,
        );
        const distances = draws.map((chain) => chain.map((x) => Math.abs(x - median)));
        expect(foldedRHat(draws)).toEqual(bulkRHat(distances));
        expect(rHat(draws)).toEqual(Math.max(bulkRHat(draws), foldedRHat(draws)));
      }),
      seeded,
    );
  });

  it("does not depend on the order of chains, and rank forms not on any increasing map", () => {
    fc.assert(
      fc.property(someChains, (draws) => {
        const { raw, ranks } = { raw: splitRHat(draws), ranks: bulkRHat(draws) };
        const reversed = [...draws].reverse();
        if (Number.isFinite(raw)) close(splitRHat(reversed), raw);
        if (Number.isFinite(ranks)) {
          close(bulkRHat(changed(draws, (x) => Math.exp(x))), ranks);
          close(essBulk(changed(draws, (x) => x ** 3)), essBulk(draws));
        }
      }),
      seeded,
    );
  });

  it("is NaN for constant draws and Infinity for chains constant at different values", () => {
    const still = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
    for (const measure of [basicRHat, splitRHat, bulkRHat, foldedRHat, rHat]) {
      expect(measure([still, still])).toBeNaN();
    }
    const apart = [still, still.map((x) => x + 1)];
    for (const measure of [basicRHat, splitRHat, bulkRHat, rHat]) expect(measure(apart)).toBe(Infinity);
    expect(nestedRHat(apart, 2)).toBe(Infinity);
    expect(nestedRHat([still, still], 2)).toBeNaN();
  });

  it("of two values is that of the values themselves, however often each comes", () => {
    // Scores of two values are an affine map of the values, which does not change R-hat. The spread
    // around the median is again such a map, or constant.
    const spread = (ones: number, [low, high]: readonly [number, number]) =>
      Array.from({ length: 1000 }, (_, t) =>
        Math.floor(((t + 1) * ones) / 1000) > Math.floor((t * ones) / 1000) ? high : low,
      );
    for (const values of [
      [-1, 1],
      [0, 1],
      [0.1, 0.3],
      [1e-300, 1],
    ] as const)
      for (const shares of [
        [900, 900, 100, 100],
        [500, 500, 500, 500],
        [900, 800, 100, 100],
        [1000, 1000, 0, 500],
      ]) {
        const draws = shares.map((ones) => spread(ones, values));
        close(rHat(draws), splitRHat(draws), 1e-9);
        expect(mcseSd(draws)).toBeLessThan(1);
      }
    // Eight half chains of 500 with means ±0.8: √((8/7 · 0.64)/(0.36 · 500/499) + 499/500). ArviZ
    // 0.23.4 gives 1.740 for such counts.
    const disagree = rHat([900, 900, 100, 100].map((ones) => spread(ones, [-1, 1])));
    close(disagree, Math.sqrt(((8 / 7) * 0.64) / ((0.36 * 500) / 499) + 499 / 500), 1e-9);
    expect(foldedRHat([500, 500].map((ones) => spread(ones, [-1, 1])))).toBeNaN();
  });

  it("sees chains that move little by little, in half of their draws or between values of their own", () => {
    const still = new Array<number>(100).fill(0);
    const alternating = (size: number) => still.map((_, t) => (t % 2 === 0 ? size : -size));
    // Constant in its first half and elsewhere in its second half.
    expect(rHat([still.map((_, t) => (t < 50 ? 0 : 1))])).toBe(Infinity);
    // Same location, constant spreads 1 and 2.
    expect(bulkRHat([alternating(1), alternating(2)])).toBeLessThan(1.01);
    expect(rHat([alternating(1), alternating(2)])).toBe(Infinity);
    expect(rHat([alternating(1), alternating(1)])).toBeLessThan(1.01);
    expect(rHat([still, alternating(1)])).toBeGreaterThan(2);
  });

  it("nested R-hat with single chains is near the basic one, with single draws it needs groups", () => {
    const draws = autoregression(0.3, 6, 50);
    // With one chain per group, R² = 1 + B/W with B the variance of means. The basic R² is B/W + (n
    // - 1)/n.
    close(nestedRHat(draws, 6) ** 2, basicRHat(draws) ** 2 + 1 / 50, 1e-12);
    // Groups {0, 2} and {3, 5} of single draws: B = var(1, 4) = 4.5, W = var(0, 2) = var(3, 5) = 2.
    close(nestedRHat([[0], [2], [3], [5]], 2), Math.sqrt(1 + 4.5 / 2), 1e-15);
    // Two draws per chain: means 0, 2, 3, 5 as before, and variance 2 within every chain, so W = 2
    // + 2.
    close(
      nestedRHat(
        [
          [-1, 1],
          [1, 3],
          [2, 4],
          [4, 6],
        ],
        2,
      ),
      Math.sqrt(1 + 4.5 / 4),
      1e-15,
    );
  });
});

describe("effective sample size and standard errors", () => {
  it("is the number of split draws for constant draws", () => {
    for (const measure of [essMean, essBulk, essTail])
      expect(
        measure([
          [2, 2, 2, 2, 2],
          [2, 2, 2, 2, 2],
        ]),
      ).toBe(8);
  });

  it("is not changed by shift and scale; errors scale", () => {
    const draws = autoregression(0.6, 4, 200);
    const moved = changed(draws, (x) => 8 * x - 64);
    close(essMean(moved), essMean(draws), 1e-10);
    close(mcseMean(moved), 8 * mcseMean(draws), 1e-10);
    close(mcseSd(moved), 8 * mcseSd(draws), 1e-10);
    close(mcseQuantile(moved, 0.3), 8 * mcseQuantile(draws, 0.3), 1e-10);
  });

  it("standard errors are what estimates scatter by", () => {
    // 400 runs of one chain of 400 draws with φ = 0.5, whose true values are 0, 1, 0.
    //
    // Squared z scores have mean 1 with standard error √(2/400) = 0.07. The errors are estimates
    // themselves. The range 0.75 ... 1.35 leaves four standard errors on either side.
    const runs = autoregression(0.5, 400, 400);
    const spread = (estimate: (x: number[]) => number, error: (x: number[][]) => number, truth: number): number =>
      runs.reduce((sum, run) => sum + ((estimate(run) - truth) / error([run])) ** 2, 0) / runs.length;
    const average = (x: number[]): number => x.reduce((a, b) => a + b) / x.length;
    const sd = (x: number[]): number => Math.sqrt(average(x.map((v) => (v - average(x)) ** 2)));
    for (const ratio of [
      spread(average, mcseMean, 0),
      spread(sd, mcseSd, 1),
      spread(
        (x) => quantile(x, 0.5),
        (x) => mcseQuantile(x, 0.5),
        0,
      ),
    ]) {
      expect(ratio).toBeGreaterThan(0.75);
      expect(ratio).toBeLessThan(1.35);
    }
  });
});

describe("movement and modes", () => {
  it("the squared jump sums over all numbers of the position", () => {
    const position = {
      a: tf.tensor2d([[0, 1, 3, 3]]),
      b: tf.tensor3d([
        [
          [0, 0],
          [2, 0],
          [2, 0],
          [2, 1],
        ],
      ]),
    };
    // a: (1 + 4 + 0)/3; b: (4 + 0 + 0)/3 + (0 + 0 + 1)/3.
    close(expectedSquaredJumpDistance(position), 10 / 3, 1e-15);
  });

  it("labels by the nearest centre and counts visits", () => {
    const draws = tf.tensor3d([
      [
        [0, 0],
        [2.1, 0],
        [2, 1],
        [0, 0.2],
      ],
      [
        [2, 0],
        [2, 0],
        [2, 0],
        [2, 0],
      ],
    ]);
    const labels = nearestMode(draws, [
      [0, 0],
      [2, 0],
    ]);
    expect(labels).toEqual([
      [0, 1, 1, 0],
      [1, 1, 1, 1],
    ]);
    expect(modeVisits(labels)).toEqual({
      hopRate: 2 / 6,
      visited: [2, 1],
      counts: [
        [2, 2],
        [0, 4],
      ],
      occupancy: [0.25, 0.75],
    });
  });

  it("round trips need both ends", () => {
    expect(roundTrips([[0, 1, 2, 1, 0, 0, 2, 2, 0]], 0, 2)).toEqual([2]);
    expect(roundTrips([[2, 1, 0, 1, 2, 1, 1, 1, 1]], 0, 2)).toEqual([0]);
    expect(roundTrips([[0, 1, 0, 1, 0]], 0, 2)).toEqual([0]);
  });

  it("occupancy of independent draws is within its χ² law, and that of draws stuck in one mode is not", () => {
    // Thirds of white noise have 2 degrees of freedom, so the statistic exceeds 14 with probability
    // 1e-3.
    const mixing = changed(autoregression(0, 4, 500), (x) =>
      x < inverseNormal(1 / 3) ? 0 : x < inverseNormal(2 / 3) ? 1 : 2,
    );
    const fair = occupancyTest(mixing, [1, 1, 1]);
    expect(fair.degreesOfFreedom).toBe(2);
    expect(fair.chiSquared).toBeLessThan(14);
    expect(occupancyTest(mixing, [1, 1, 2]).chiSquared).toBeGreaterThan(50);
    expect(occupancyTest([new Array<number>(50).fill(1)], [1, 1]).chiSquared).toBeCloseTo(50, 10);
  });
});

describe("importance weights", () => {
  it("count as many draws as carry them", () => {
    expect(importanceSampleSize([3, 3, 3, 3])).toBe(4);
    expect(importanceSampleSize([-Infinity, 900, -Infinity])).toBe(1);
    close(importanceSampleSize([Math.log(1), Math.log(3)]), 16 / 10, 1e-14);
  });

  it("k-hat finds the shape of Pareto weights", () => {
    // Weights u^{-k} have shape k. With 60 of 400 tail weights the estimate varies by about (1 +
    // k)/√190 = 0.1 and is shrunk towards 1/2.
    for (const k of [0.2, 0.5, 1]) {
      const logs = Array.from({ length: 4000 }, (_, i) => -k * Math.log((i + 0.5) / 4000));
      expect(Math.abs(paretoK(logs) - k)).toBeLessThan(0.06);
    }
    expect(paretoK([1, 2, 3])).toBe(Infinity);
  });
});

describe("transitions", () => {
  it("are counted and judged", () => {
    const summary = summarizeTransitions({
      acceptProb: [
        [0.5, 1, 0.75, 0.75],
        [1, 1, 1, 1],
      ],
      divergent: tf.tensor2d([
        [0, 1, 0, 0],
        [0, 0, 0, 1],
      ]),
      energyError: [
        [0.5, -1.5, NaN, Infinity],
        [0, 2000, -Infinity, 0],
      ],
      energy: [
        [0, 1, 0, 1],
        [0, 1, 2, 100],
      ],
      treeDepth: [
        [3, 10, 4, 5],
        [3, 3, 3, 3],
      ],
      maxTreeDepth: 10,
      nGrad: [
        [7, 7, 7, 7],
        [1, 1, 1, 1],
      ],
    });
    expect(summary.acceptance).toBe(0.875);
    expect(summary.acceptancePerChain).toEqual([0.75, 1]);
    expect(summary.divergences).toEqual([
      { chain: 0, draw: 1 },
      { chain: 1, draw: 3 },
    ]);
    expect(summary.energyError).toEqual({ mean: 2002 / 5, largest: 2000 });
    expect(summary.energyFraction![0]).toBe(3); // Σ steps² = 3, Σ (E - ½)² = 1
    expect(summary.saturation).toBe(1 / 8);
    expect(summary.gradients).toBe(32);
    expect(summary.advice.join("\n")).toMatch(/2 divergent steps \(25 %\).*\n.*13 % of trees reached depth 10/s);
  });

  it("slow energies are named with their chain", () => {
    const drifting = Array.from({ length: 100 }, (_, t) => t / 10);
    close(energyFraction([drifting])[0]!, (99 * 0.01) / (0.01 * ((100 * (100 ** 2 - 1)) / 12)), 1e-12);
    expect(summarizeTransitions({ energy: [autoregression(0, 1, 100)[0]!, drifting] }).advice).toEqual([
      "E-BFMI down to 0.0012 in chain 1: tails are explored slowly; reparametrise",
    ]);
  });

  it("of a healthy run call for no advice, and what was not given is not claimed", () => {
    expect(summarizeTransitions({ divergent: [[0, 0, 0]] })).toEqual({ divergences: [], advice: [] });
    expect(summarizeTransitions({ energyError: [[NaN, NaN]] }).energyError).toEqual({ mean: NaN, largest: NaN });
  });
});

describe("summarize", () => {
  it("names every number of a tree and agrees with the single functions", () => {
    const alpha = autoregression(0.5, 4, 101);
    const beta = autoregression(0.2, 8, 101);
    const event = tf.transpose(tf.tensor3d(beta.flat(), [4, 2, 101]), [0, 2, 1]);
    const rows = summarize({ group: { alpha }, beta: event });
    expect(rows.map((row) => row.name)).toEqual(["beta[0]", "beta[1]", "group.alpha"]);
    const row = rows[2]!;
    close(row.mcseMean, mcseMean(alpha));
    close(row.mcseSd, mcseSd(alpha));
    expect(row.q05).toBe(quantile(alpha.flat(), 0.05));
    expect(row.median).toBe(quantile(alpha.flat(), 0.5));
    expect(row.rHat).toBe(rHat(alpha));
    expect(row.essBulk).toBe(essBulk(alpha));
    expect(row.essTail).toBe(essTail(alpha));
    const second = beta.filter((_, c) => c % 2 === 1).map((chain) => chain.map(Math.fround));
    expect(rows[1]!.essBulk).toBe(essBulk(second));
    expect(rows[1]!.sd).toBe(summarize(second)[0]!.sd);
  });

  it("labels matrices by both indices", () => {
    expect(summarize(tf.randomNormal([2, 8, 2, 3], 0, 1, "float32", 1)).map((row) => row.name)).toEqual(
      ["0,0", "0,1", "0,2", "1,0", "1,1", "1,2"].map((index) => `x[${index}]`),
    );
  });

  it.each([
    ["healthy chains", autoregression(0, 4, 1000), /^$/],
    [
      "chains apart",
      changed(autoregression(0, 4, 1000), (x, c) => x + c),
      /^R-hat 1\.\d\d: chains disagree; run longer\. bulk ESS/,
    ],
    [
      "unequal spread",
      changed(autoregression(0, 4, 1000), (x, c) => x * (1 + c)),
      /^R-hat 1\.\d\d: chains disagree in spread/,
    ],
    ["few draws", autoregression(0.9, 4, 200), /bulk ESS \d+ of 400 wanted: the mean is uncertain/],
    ["one chain", autoregression(0, 1, 4000), /^one chain cannot show that it missed a mode/],
    [
      "chains that prefer different ones of two values, both equally often",
      [0.9, 0.9, 0.1, 0.1].map((share) => Array.from({ length: 1000 }, (_, t) => (t % 10 < 10 * share ? 1 : -1))),
      /^R-hat 1\.7\d: chains disagree; run longer/,
    ],
    [
      "chains stuck at two values",
      [-1, -1, 1, 1].map((value) => new Array<number>(100).fill(value)),
      /^R-hat Infinity: chains disagree; each stays at a value of its own, so a longer run will not help/,
    ],
    [
      "chains of unequal spread without any within",
      [1, 2].map((size) => Array.from({ length: 1000 }, (_, t) => (t % 2 === 0 ? size : -size))),
      /^R-hat Infinity: chains disagree in spread; run longer/,
    ],
    [
      "constant chains",
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
      /^every draw is equal: the chains do not move$/,
    ],
  ])("says in words what is wrong with %s", (_, draws, words) => {
    expect(summarize(draws)[0]!.advice).toMatch(words);
  });

  it("prints as aligned columns", () => {
    const lines = formatSummary(
      summarize({ theta: autoregression(0.5, 4, 100), x: changed(autoregression(0, 4, 100), (y) => 1e4 * y) }),
    ).split("\n");
    expect(lines[0]).toMatch(/^ +mean +mcse +sd +5% +50% +95% +R-hat +bulk ESS +tail ESS$/);
    const columns = (line: string): number => line.search(/\d\.\d{3} +\d+ +\d+/);
    expect(columns(lines[1]!)).toBe(columns(lines[2]!));
    expect(lines[1]).toMatch(/wanted: /);
  });

  it("keeps no tensor", () => {
    const samples = tf.randomNormal([2, 10, 3], 0, 1, "float32", 2);
    const before = tf.memory().numTensors;
    summarize(samples);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("errors", () => {
  it.each([
    [() => essMean([[1, 2, 3]]), /draws has 3 draws a chain, expected at least 4; run longer/],
    [() => basicRHat([[1, 2, 3, 4]]), /draws has 1 chains, expected at least 2/],
    [() => essMean([]), /draws has 0 chains, expected at least 1/],
    [
      () =>
        essMean([
          [1, 2, 3, 4],
          [1, 2, 3],
        ]),
      /chain 1 of draws has 3 draws, expected 4 as in chain 0/,
    ],
    [() => essMean([[1, 2, NaN, 4]]), /draw 2 of chain 0 of draws is NaN, expected finite numbers; the chain diverged/],
    [() => essMean([1, 2, 3, 4] as never), /draws\[0\] is 1, expected the array of draws of a chain/],
    [() => essMean(tf.zeros([2, 10, 3])), /draws has shape \[2,10,3\], expected \[chains,draws\]/],
    [() => essQuantile([[1, 2, 3, 4]], 1.5), /p is 1.5/],
    [() => quantile([], 0.5), /values is empty/],
    [() => inverseNormal(-0.1), /p is -0.1/],
    [() => nestedRHat([[1], [2], [3]], 2), /there are 3 chains, expected a multiple of superchains = 2/],
    [() => nestedRHat([[1], [2]], 2), /every superchain is one draw/],
    [() => nestedRHat([[1], [2]], 1), /superchains is 1/],
    [() => autocovariance([1]), /series has 1 numbers/],
    [() => autocorrelation([1, Infinity]), /series\[1\] is Infinity/],
    [() => paretoK([]), /logWeights is empty/],
    [() => paretoK([0, NaN]), /logWeights\[1\] is NaN/],
    [() => importanceSampleSize([-Infinity]), /every weight is 0/],
    [() => summarize(tf.zeros([5])), /x has shape \[5\], expected \[chains,draws,...\]/],
    [
      () =>
        summarize({
          theta: tf.tensor3d([
            [
              [1, 0],
              [1, 0],
              [1, NaN],
              [1, 0],
            ],
          ]),
        }),
      /draw 2 of chain 0 of theta\[1\] is NaN/,
    ],
    [() => summarize({ theta: 3 as never }), /theta is 3, expected a tensor/],
    [() => modeVisits([[0, 1, 0.5, 1]]), /labels holds 0.5, expected whole numbers from 0/],
    [() => nearestMode(tf.zeros([1, 4, 2]), [[0, 0, 0]]), /draws has shape \[1,4,2\], expected \[any,any,3\]/],
    [() => occupancyTest([[0, 1, 2, 1]], [1, 1]), /labels goes up to 2, expected labels below 2/],
    [() => roundTrips([[0, 1, 2, 1]], 1, 1), /from and to are both 1/],
    [() => summarizeTransitions({ divergent: [[0], [0, 1]] }), /chain 1 of divergent has 2 draws, expected 1/],
  ])("say what, where and how to mend it (%#)", (call, message) => {
    expect(call).toThrow(ValidationError);
    expect(call).toThrow(message);
  });
});
