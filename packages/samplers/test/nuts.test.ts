/**
 * NUTS: the same trees as a recursive reference, the laws of long runs, and its reports.
 *
 * Means of long runs must lie within 4 Monte Carlo standard errors. With 30 comparisons, fixed keys
 * and known errors a false alarm has probability 2e-3. None occurred.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { eightSchools, illConditionedNormal, type Target } from "@ergodic/energies";
import { random, tree, type HostKey } from "@ergodic/tensor";
import { denseMass, identityMass, nuts, sample, summarize, warmUp, type Energy } from "@ergodic/samplers";
import { rHat, summarizeTransitions } from "@ergodic/samplers/diagnostics";
import { spanStarts } from "../src/nuts/turns.js";
import { enginesOnThisMachine, expectGaussian, valuesOf } from "./support.js";

/** E(x) = Σ s_i x_i²/2 + Σ x_i⁴/4, on tensors and on numbers. */
const scales = [1, 6, 0.3];
const energy: Energy = (x) =>
  tf.add(
    tf.mul(0.5, tf.sum(tf.mul(tf.tensor1d(scales), tf.square(x)), [1])),
    tf.mul(0.25, tf.sum(tf.square(tf.square(x)), [1])),
  );
const energyOf = (x: number[]) => x.reduce((sum, v, i) => sum + (scales[i]! * v * v) / 2 + v ** 4 / 4, 0);
const gradientOf = (x: number[]) => x.map((v, i) => scales[i]! * v + v ** 3);

interface Point {
  x: number[];
  p: number[];
}

/**
 * A span of leaves in the order of their growth. `ok` is false when it turned or diverged; it may
 * then be incomplete.
 */
interface Span {
  first: Point;
  last: Point;
  sum: number[];
  ok: boolean;
}

const dot = (a: number[], b: number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const total = ({ x, p }: Point) => energyOf(x) + dot(p, p) / 2;
const turned = ({ first, last, sum }: Span) => {
  const rho = sum.map((v, i) => v - (first.p[i]! + last.p[i]!) / 2);
  return dot(first.p, rho) <= 0 || dot(last.p, rho) <= 0;
};

function leapfrog({ x, p }: Point, step: number): Point {
  const half = p.map((v, i) => v - (step / 2) * gradientOf(x)[i]!);
  const moved = x.map((v, i) => v + step * half[i]!);
  return { x: moved, p: half.map((v, i) => v - (step / 2) * gradientOf(moved)[i]!) };
}

interface ReferenceOptions {
  readonly key: HostKey;
  readonly c: number;
  readonly chains: number;
  readonly extraTurnChecks: boolean;
}

/**
 * An index drawn in proportion to weights: the first at which the cumulative weight exceeds u times
 * the total.
 */
function indexAt(weights: readonly number[], u: number): number {
  let rest = u * weights.reduce((a, b) => a + b);
  return weights.findIndex((weight) => (rest -= weight) < 0);
}

/**
 * One transition of chain `c` by textbook recursion in float64, with the random decisions of the
 * key.
 */
function reference(start: number[], stepSize: number, { key, c, chains, extraTurnChecks }: ReferenceOptions) {
  const draws = random.normalLike(random.fold(key, 0), tf.zeros([chains, start.length])).arraySync() as number[][];
  const begin = { x: start, p: draws[c]! };
  const startTotal = total(begin);
  const turnedTogether = (older: Span, newer: Span): boolean => {
    const sum = (a: Span, b: number[]) => a.sum.map((v, i) => v + b[i]!);
    const across: Span[] = [
      { ok: true, first: older.first, last: newer.last, sum: sum(older, newer.sum) },
      { ok: true, first: older.first, last: newer.first, sum: sum(older, newer.first.p) },
      { ok: true, first: older.last, last: newer.last, sum: sum(newer, older.last.p) },
    ];
    return across.slice(0, extraTurnChecks ? 3 : 1).some(turned);
  };
  let [left, right, chosen, sum, weight] = [begin, begin, begin, begin.p, 1];
  let [leaves, acceptance, divergent, depth] = [0, 0, false, 0];
  for (let going = true; going && depth < 10; depth++) {
    const own = random.fold(key, depth + 1);
    const [direction, join, choice] = random.host.uniform(own, 3 * chains).slice(3 * c) as unknown as number[];
    const toRight = direction! < 0.5;
    let [edge, candidate, subWeight] = [toRight ? right : left, chosen, 0];
    const [points, weights]: [Point[], number[]] = [[], []];
    const build = (level: number): Span => {
      if (level > 0) {
        const older = build(level - 1);
        if (!older.ok) return older;
        const newer = build(level - 1);
        const span = { ...newer, first: older.first, sum: older.sum.map((v, i) => v + newer.sum[i]!) };
        return { ...span, ok: newer.ok && !turnedTogether(older, newer) };
      }
      edge = leapfrog(edge, toRight ? stepSize : -stepSize);
      const error = total(edge) - startTotal;
      points.push(edge);
      weights.push(Math.exp(-error));
      [leaves, acceptance] = [leaves + 1, acceptance + Math.min(1, Math.exp(-error))];
      if (error > 1000) divergent = true;
      return { first: edge, last: edge, sum: edge.p, ok: !(error > 1000) };
    };
    const span = build(depth);
    going = span.ok;
    if (!going) continue;
    // One random number chooses among eight leaves and the previous choice.
    for (let n = 0; n < weights.length; n += 8) {
      const u = n === 0 ? choice! : random.host.uniform(random.fold(own, n / 8), chains)[c]!;
      const block = weights.slice(n, n + 8);
      const index = indexAt([subWeight, ...block], u);
      if (index > 0) candidate = points[n + index - 1]!;
      subWeight += block.reduce((a, b) => a + b);
    }
    if (join! < subWeight / weight) chosen = candidate;
    weight += subWeight;
    const older = { ok: true, first: toRight ? left : right, last: toRight ? right : left, sum };
    going = !turnedTogether(older, span);
    if (toRight) right = edge;
    else left = edge;
    sum = sum.map((v, i) => v + span.sum[i]!);
  }
  return { x: chosen.x, leaves, acceptance: acceptance / leaves, depth, divergent };
}

describe("the spans tested at a leaf", () => {
  it("are those that checkpoints of the iterative algorithm hold", () => {
    // Checkpoint slot popcount(n >> 1) is written at even n. Odd n tests slots top down to top -
    // (trailing ones) + 1.
    const bits = (n: number): number => (n === 0 ? 0 : (n & 1) + bits(n >> 1));
    const trailing = (n: number): number => ((n & 1) === 0 ? 0 : 1 + trailing(n >> 1));
    expect([6, 7, 13].map((n) => [bits(n >> 1), trailing(n)])).toEqual([
      [2, 0],
      [2, 3],
      [2, 1],
    ]);
    const slots: number[] = [];
    for (let n = 0; n < 1024; n++) {
      const top = bits(n >> 1);
      if (n % 2 === 0) slots[top] = n;
      const wanted = n % 2 === 0 ? [] : Array.from({ length: trailing(n) }, (_, i) => slots[top - i]!);
      expect(spanStarts(n)).toEqual(wanted);
    }
  });
});

describe.each(enginesOnThisMachine)("nuts on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([
    [0.5, false],
    [0.25, false],
    [0.06, false],
    [1.2, false],
    [0.25, true],
    [0.06, true],
  ])(
    "builds the trees of the recursive reference with step %f, further checks: %s",
    async (stepSize, extraTurnChecks) => {
      const [chains, draws] = [6, 4];
      const key = random.key("trees");
      const initial = random.normal(random.key("trees start"), [chains, 3]);
      const kernel = nuts({ energy, stepSize, mass: identityMass(), extraTurnChecks });
      const { positions, info } = await sample(kernel, { initial, draws, key });
      const [xs, starts] = [positions.arraySync() as number[][][], initial.arraySync() as number[][]];
      const table = (values: tf.Tensor) => values.arraySync() as number[][];
      const [depths, leaves, acceptance] = [info.treeDepth, info.nLeapfrog, info.acceptProb].map(table) as [
        number[][],
        number[][],
        number[][],
      ];
      for (let c = 0; c < chains; c++) {
        for (let t = 0; t < draws; t++) {
          // Every transition starts from the sampler's own position, so rounding errors do not
          // accumulate.
          const from = t === 0 ? starts[c]! : xs[c]![t - 1]!;
          const expected = reference(from, stepSize, { key: random.fold(key, t), c, chains, extraTurnChecks });
          expect(depths[c]![t]).toBe(expected.depth);
          expect(leaves[c]![t]).toBe(expected.leaves);
          expect(acceptance[c]![t]).toBeCloseTo(expected.acceptance, 4);
          xs[c]![t]!.forEach((value, i) => expect(value).toBeCloseTo(expected.x[i]!, 3));
        }
      }
      expect(Math.max(...depths.flat())).toBeGreaterThan(stepSize < 0.1 ? 5 : 1);
    },
  );

  it("stops trajectories that come round within one half, if it makes further checks", async () => {
    // A leapfrog step of 0.9 on a standard normal is a rotation by 2 asin(0.45) = 0.934. Eight
    // points span more than 2π, so they seem not to turn. Four points and the next one span 3.73,
    // which is between π and 2π: the sum of v₋·ρ̃ and v₊·ρ̃ has the sign of sin 3.73, so one of
    // them is negative.
    const normal: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(x), [1]));
    const initial = random.normal(random.key("round start"), [64, 10]);
    const run = async (extraTurnChecks: boolean) => {
      const kernel = nuts({ energy: normal, stepSize: 0.9, mass: identityMass(), extraTurnChecks });
      const { positions, info } = await sample(kernel, { initial, draws: 1, key: random.key("round") });
      return { rows: tf.squeeze(positions, [1]).arraySync() as number[][], depths: valuesOf(info.treeDepth) };
    };
    const [checked, whole] = [await run(true), await run(false)];
    expect(Math.max(...checked.depths)).toBe(3);
    expect(whole.depths.filter((depth) => depth > 3).length).toBeGreaterThan(5);
    // Where this makes no difference, the draws are equal.
    whole.depths.forEach((depth, c) => {
      if (depth <= 3) expect(checked.rows[c]).toEqual(whole.rows[c]);
    });
  });

  it("leaves the target as it is after one transition from exact draws", async () => {
    const covariance = [
      [1, 0.6],
      [0.6, 2],
    ];
    const precision = tf.tensor2d([
      [2 / 1.64, -0.6 / 1.64],
      [-0.6 / 1.64, 1 / 1.64],
    ]);
    const normal: Energy = (x) => tf.mul(0.5, tf.sum(tf.mul(tf.matMul(x as tf.Tensor2D, precision), x), [1]));
    const lower = tf.tensor2d([
      [1, 0],
      [0.6, Math.sqrt(1.64)],
    ]);
    const initial = tf.matMul(random.normal<tf.Rank.R2>(random.key("exact"), [6000, 2]), lower, false, true);
    for (const [stepSize, mass] of [
      [0.6, identityMass()],
      [1.3, denseMass(covariance)],
    ] as const) {
      const { positions, info } = await sample(nuts({ energy: normal, stepSize, mass }), {
        initial,
        draws: 1,
        key: random.key("one"),
      });
      expectGaussian(tf.squeeze(positions, [1]), { mean: [0, 0], covariance });
      expect(valuesOf(tf.mean(tf.cast(info.accepted, "float32")))[0]).toBeGreaterThan(0.7);
    }
  });

  it("agrees for the same key whatever the number of chains, keeps the start and leaves no tensors behind", async () => {
    const initial = random.normal(random.key("many"), [12, 3]);
    const kernel = nuts({ energy, stepSize: 0.2 });
    const run = (x: tf.Tensor) => sample(kernel, { initial: x, draws: 3, key: random.key("few") });
    const first = tf.slice(initial, 0, 4);
    const [many, few] = [await run(initial), await run(first)];
    valuesOf(few.positions).forEach((value, i) => expect(valuesOf(many.positions)[i]).toBeCloseTo(value, 4));
    const before = tf.memory().numTensors;
    tree.dispose(await run(initial));
    expect(tf.memory().numTensors).toBe(before);
    expect(initial.isDisposed).toBe(false);
  });
});

describe("nuts", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  async function run(target: Target, { chains = 8, warm = 300, draws = 300 } = {}) {
    const kernel = nuts({ energy: target.energy });
    const start = random.uniform(random.key("start"), [chains, target.dimension], { low: -2, high: 2 });
    const initial = await warmUp(kernel, start, { steps: warm, key: random.key("warm") });
    return { kernel, ...(await sample(kernel, { initial, draws, key: random.key("draws") })) };
  }

  function expectTruth(target: Target, positions: tf.Tensor): void {
    const [chains, draws, d] = positions.shape as [number, number, number];
    const flat = tf.reshape<tf.Rank.R2>(positions, [chains * draws, d]);
    for (const { name, of, mean } of target.quantities) {
      const [row] = summarize(tf.reshape(of(flat), [chains, draws]));
      expect(Math.abs(row!.mean - mean) / row!.mcseMean, `${name}: ${row!.mean}, exact ${mean}`).toBeLessThan(4);
      expect(row!.rHat).toBeLessThan(1.03);
    }
  }

  it("samples scales far apart, with steps and trees as expected", async () => {
    const target = illConditionedNormal();
    const { positions, info, state } = await run(target);
    expectTruth(target, positions);
    expect(valuesOf(state.stepSize)[0]).toBeGreaterThan(0.5);
    expect(valuesOf(tf.mean(info.nLeapfrog))[0]).toBeLessThan(9);
    expect(valuesOf(tf.mean(info.acceptProb))[0]).toBeGreaterThan(0.75);
  });

  it("samples eight schools, non-centred; the centred form is flagged", async () => {
    const good = await run(eightSchools());
    expectTruth(eightSchools(), good.positions);
    const few = summarizeTransitions({ ...good.info, maxTreeDepth: good.kernel.maxDepth });
    expect(few.divergences!.length).toBeLessThan(20);
    const bad = await run(eightSchools({ form: "centred" }));
    const many = summarizeTransitions({ ...bad.info, maxTreeDepth: bad.kernel.maxDepth });
    // Of ten runs of this kind, all have divergences, 1 to 225, and too small an ESS of tau.
    expect(many.divergences!.length).toBeGreaterThan(0);
    expect(many.advice.join()).toMatch(/divergent steps/);
    const advice = (positions: tf.Tensor) => summarize(positions).map((one) => one.advice);
    expect(advice(bad.positions).join()).toMatch(/R-hat|ESS/);
  });

  it("stays where the energy is finite and reports divergences", async () => {
    const walled: Energy = (x) =>
      tf.squeeze(tf.where(tf.greater(tf.abs(x), 1), tf.fill(x.shape, NaN), tf.mul(0, x)), [1]);
    const kernel = nuts({ energy: walled, stepSize: 0.3 });
    const { positions, info } = await sample(kernel, { initial: tf.zeros([50, 1]), draws: 20, key: random.key(5) });
    expect(valuesOf(tf.max(tf.abs(positions)))[0]).toBeLessThanOrEqual(1);
    expect(valuesOf(info.divergent).some(Boolean)).toBe(true);
    valuesOf(info.acceptProb).forEach((value) => expect(value).toBeLessThanOrEqual(1));
    expect(rHat(tf.squeeze(positions, [2]))).toBeLessThan(2);
  });

  it("names what is wrong", async () => {
    expect(() => nuts({ energy, maxDepth: 0 })).toThrow(/maxDepth is 0/);
    expect(() => nuts({ energy, stepSize: -1 })).toThrow(/stepSize is -1/);
    const go = (wrong: Energy, initial: tf.Tensor = tf.zeros([4, 3])) =>
      sample(nuts({ energy: wrong }), { initial, draws: 1, key: random.key(0) });
    await expect(go((x) => tf.square(x))).rejects.toThrow(
      /nuts\(\{ energy \}\): energy has shape \[4,3\], expected \[4\]/,
    );
    await expect(go((x) => tf.log(tf.sum(x, [1])))).rejects.toThrow(
      /is -?Infinity where chain 0 starts|is NaN where chain 0/,
    );
  });
});
