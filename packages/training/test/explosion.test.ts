/**
 * The explosion watch on series with known results: explosions are detected soon, and legitimate
 * changes never raise an alarm.
 */
import { describe, expect, it } from "vitest";
import { random } from "@ergodic/tensor";
import { explosionWatch } from "../src/explosion.js";

/** The iteration at which the watch reports an explosion; undefined if it never does. */
function noticed(series: (t: number) => number, iterations: number): number | undefined {
  const watch = explosionWatch();
  for (let t = 1; t <= iterations; t++) if (watch.see(t, { metric: series(t) }) !== undefined) return t;
  return undefined;
}

const noise = random.host.normal(random.key("noise"), 100_000);
const noisy = (t: number) => 1 + 0.5 * noise[t % noise.length]!;

describe("what moves for good reasons", () => {
  it.each<[string, (t: number) => number]>([
    ["a loss that falls from 1e4 to 1", (t) => 1 + 1e4 * Math.exp(-t / 50)],
    ["a loss that falls from 1e12 and levels off", (t) => 1e3 + 1e12 / t ** 2],
    ["energies that drift in proportion to time", (t) => -40 * t * noisy(t)],
    ["a counter of examples", (t) => 512 * t],
    ["a metric near 0 that becomes 1", (t) => (t < 500 ? 1e-12 * noise[t]! : noisy(t))],
    ["a metric that is 0 until its phase begins, and large then", (t) => (t < 500 ? 0 : 1e9 * noisy(t))],
    ["a gap that crosses 0 again and again", (t) => 30 * Math.sin(t / 7) * noisy(t)],
    ["annealed log weights that spread from 1 to 1e5", (t) => -Math.min(1e5, t ** 1.5) * noisy(t)],
    ["perplexity, from the size of the vocabulary to 80", (t) => 80 + 50_000 * Math.exp(-t / 20)],
    ["summed errors of large images", (t) => 1e8 * noisy(t)],
    ["a rate that decays to nothing", (t) => 1e-3 * 0.999 ** t],
    ["heavy tails (Cauchy)", (t) => noise[t]! / noise[(t * 7 + 3) % noise.length]!],
    ["a steep climb that ends below a million times the start", (t) => Math.min(9e5, 1.2 ** t)],
    ["constant 0", () => 0],
  ])("%s", (_, series) => expect(noticed(series, 20_000)).toBeUndefined());

  it("single iterations that are out of bounds, four in a row at most", () => {
    expect(noticed((t) => (t % 10 < 4 ? 1e12 : noisy(t)), 5000)).toBeUndefined();
  });
});

describe("what explodes", () => {
  it.each<[string, (t: number) => number, number]>([
    // The fifth iteration out of bounds.
    ["a jump to 1e19", (t) => (t < 300 ? noisy(t) : 1e19), 304],
    ["a jump with changing signs", (t) => (t < 300 ? noisy(t) : (-1) ** t * 1e16), 304],
    ["values beyond 2^53 from the start", () => -1e16, 5],
    // 1.05^t passes a million times its first value at t = 1 + ln(1e6) / ln(1.05) = 284.2.
    ["growth of 5 % an iteration", (t) => 1.05 ** t, 289],
    ["growth of 5 % downwards", (t) => -(1.05 ** t), 289],
    // t^3 passes 1e6 after t = 100. Later values do not raise the base, the smallest median.
    ["growth as the cube of time, as under Adam with a large rate", (t) => t ** 3, 105],
    // The base has followed the loss down to about 1.
    ["a loss that has fallen before", (t) => (t < 2000 ? 1 + 1e4 * Math.exp(-t / 50) : 1e8), 2004],
  ])("%s", (_, series, when) => expect(noticed(series, 5000)).toBe(when));

  it("is told by the metric that is farthest out, with its bound and since when", () => {
    const watch = explosionWatch();
    for (let t = 1; t <= 20; t++) watch.see(t, { loss: 2, gap: 0.1, counter: t });
    for (let t = 21; t <= 24; t++) {
      expect(watch.see(t, { loss: 5e7, gap: -1e19, counter: t })).toBeUndefined();
      expect(watch.suspicion()).toEqual({ metric: "gap", value: -1e19, bound: 1e6, since: 21 });
    }
    const found = { metric: "gap", value: -1e19, bound: 1e6, since: 21 };
    expect(watch.see(25, { loss: 5e7, gap: -1e19, counter: 25 })).toEqual(found);
  });

  it("is no suspicion once it has passed", () => {
    const watch = explosionWatch();
    watch.see(1, { loss: 2 });
    watch.see(2, { loss: 1e9 });
    expect(watch.suspicion()?.since).toBe(2);
    watch.see(3, { loss: 3 });
    expect(watch.suspicion()).toBeUndefined();
  });

  it("is held against what earlier sittings logged", () => {
    const watch = explosionWatch([
      { iteration: 10, seconds: 1e9, loss: 4 },
      { iteration: 20, seconds: 2e9, loss: 3 },
    ]);
    watch.see(21, { loss: 1e8 });
    expect(watch.suspicion()).toEqual({ metric: "loss", value: 1e8, bound: 3e6, since: 21 });
  });
});
