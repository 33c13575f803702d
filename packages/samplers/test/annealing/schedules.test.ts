/** Schedules: formulas, ends and order, and the sums of weights that choose the next β. */
import { describe, expect, it } from "vitest";
import {
  adaptiveSchedule,
  geometricSchedule,
  linearSchedule,
  noiseSchedule,
  sigmoidSchedule,
} from "@ergodic/samplers/annealing";
import { geometricLadder } from "@ergodic/samplers/tempering";
import { conditionalSize, logMeanExp, logSumByGroup, systematicResample } from "../../src/annealing/log-weights.js";

describe("schedules from 0 to 1", () => {
  it.each([
    ["linear", linearSchedule],
    ["geometric", geometricSchedule],
    ["sigmoid", sigmoidSchedule],
  ])("%s: K levels after 0, rising, the last exactly 1", (_, schedule) => {
    for (const levels of [1, 2, 7, 50]) {
      const betas = schedule(levels);
      expect(betas).toHaveLength(levels + 1);
      expect(betas[0]).toBe(0);
      expect(betas.at(-1)).toBe(1);
      betas.slice(1).forEach((beta, k) => expect(beta).toBeGreaterThan(betas[k]!));
    }
    expect(() => schedule(0)).toThrow(/levels is 0/);
  });

  it("has the steps of its name", () => {
    expect(linearSchedule(4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const geometric = geometricSchedule(4, { smallest: 0.001 });
    [0, 0.001, 0.01, 0.1, 1].forEach((beta, k) => expect(geometric[k]).toBeCloseTo(beta, 12));
    const logistic = (x: number) => 1 / (1 + Math.exp(-x));
    sigmoidSchedule(10, { steepness: 4 }).forEach((beta, k) => {
      const expected = (logistic(4 * (k / 5 - 1)) - logistic(-4)) / (logistic(4) - logistic(-4));
      expect(beta).toBeCloseTo(expected, 12);
    });
    expect(() => geometricSchedule(4, { smallest: 1 })).toThrow(/smallest is 1/);
    expect(() => sigmoidSchedule(4, { steepness: 0 })).toThrow(/steepness is 0/);
  });

  it("ladders fall from 1, and noise from its largest scale with step sizes in proportion", () => {
    const ladder = geometricLadder(3, { smallest: 0.04 });
    [1, 0.2, 0.04].forEach((beta, i) => expect(ladder[i]).toBeCloseTo(beta, 12));
    expect(ladder[0]).toBe(1);
    const levels = noiseSchedule({ largest: 10, smallest: 0.1, levels: 3, stepSize: 0.02 });
    [10, 1, 0.1].forEach((sigma, i) => {
      expect(levels[i]!.sigma).toBeCloseTo(sigma, 12);
      // α = ε² is proportional to σ².
      expect(levels[i]!.stepSize ** 2 / sigma ** 2).toBeCloseTo(0.04, 12);
    });
    expect(() => noiseSchedule({ largest: 0.1, smallest: 1, levels: 3, stepSize: 0.1 })).toThrow(/largest is 0.1/);
  });
});

describe("the adaptive schedule", () => {
  const differences = Float64Array.from({ length: 200 }, (_, i) => 40 * Math.sin(i));
  const logWeights = Float64Array.from({ length: 200 }, (_, i) => Math.cos(3 * i));
  const sizeAt = (beta: number, next: number) =>
    conditionalSize([...logWeights], [...differences.map((difference) => (beta - next) * difference)]);

  it("steps to where the conditional effective size is the share asked for", () => {
    for (const share of [0.5, 0.95]) {
      const next = adaptiveSchedule({ share })({ beta: 0.2, differences, logWeights });
      expect(sizeAt(0.2, next)).toBeCloseTo(share, 8);
      expect(next).toBeLessThan(1);
    }
  });

  it("goes to 1 at once when nothing changes, and counts only draws that are left", () => {
    const flat = new Float64Array(200).fill(5);
    expect(adaptiveSchedule()({ beta: 0.3, differences: flat, logWeights })).toBe(1);
    const lost = differences.slice();
    lost[0] = Infinity;
    const next = adaptiveSchedule()({ beta: 0.2, differences: lost, logWeights });
    expect(next).toBeGreaterThan(0.2);
    expect(next).toBeCloseTo(adaptiveSchedule()({ beta: 0.2, differences, logWeights }), 2);
  });

  it("has a conditional effective size as in its definition", () => {
    const [weights, increments] = [
      [0.5, 0.3, 0.2],
      [1, 2, 4],
    ];
    const first = weights.reduce((sum, w, i) => sum + w * increments[i]!, 0);
    const second = weights.reduce((sum, w, i) => sum + w * increments[i]! ** 2, 0);
    // Weights need not be normalised: a factor of e⁷⁰⁰ would overflow if exponentiated.
    const logs = weights.map((w) => Math.log(w) + 700);
    expect(conditionalSize(logs, increments.map(Math.log))).toBeCloseTo(first ** 2 / second, 10);
  });
});

describe("sums of weights", () => {
  it("are computed around their largest, and 0 stays 0", () => {
    expect(logMeanExp([1000, 1000 + Math.log(3)])).toBeCloseTo(1000 + Math.log(2), 10);
    expect(logMeanExp([-Infinity, -Infinity])).toBe(-Infinity);
    const sums = logSumByGroup(Float64Array.of(-800, -800, -Infinity, -801), Int32Array.of(2, 2, 0, 3));
    expect(sums[2]).toBeCloseTo(-800 + Math.log(2), 10);
    expect([sums[0], sums[1]]).toEqual([-Infinity, -Infinity]);
    expect(sums[3]).toBeCloseTo(-801, 10);
  });

  it("resampling gives each draw its share of places, to less than one", () => {
    const shares = [0.05, 0.3, 0, 0.4, 0.25, 0];
    const logs = Float64Array.from(shares, (share) => Math.log(share) - 900);
    for (const u of [0, 0.31, 0.9999999]) {
      const chosen = systematicResample(logs, u);
      shares.forEach((share, i) => {
        const places = chosen.filter((draw) => draw === i).length;
        expect(Math.abs(places - 6 * share)).toBeLessThan(1);
        if (share === 0) expect(places).toBe(0);
      });
    }
    // Averaged over u, every draw gets its share.
    const grid = Array.from({ length: 1000 }, (_, k) => systematicResample(logs, (k + 0.5) / 1000));
    shares.forEach((share, i) => {
      const places = grid.reduce((sum, chosen) => sum + chosen.filter((draw) => draw === i).length, 0);
      expect(Math.abs(places / 6000 - share)).toBeLessThan(1e-3);
    });
  });
});
