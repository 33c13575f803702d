/**
 * Starts that are drawn, and warm-up from starts far apart: posteriors in closed form, modes, lost
 * chains, and the same chains on the host as on the engine.
 *
 * Means of runs must lie within 4 Monte Carlo standard errors; with 30 comparisons a false alarm
 * has probability 2e-3 for other keys.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, tree, ValidationError, type Key, type TensorTree } from "@ergodic/tensor";
import {
  adaptedMass,
  denseMass,
  diagonalMass,
  hmc,
  mala,
  nuts,
  openKernel,
  sample,
  summarize,
  uniformStarts,
  warmUp,
  type Energy,
  type Mass,
} from "@ergodic/samplers";
import { agreeingGroups, lostAmong, observeStep, startWindow, type ChainWindow } from "../src/adaptation/agreement.js";
import { merged, observe, startWelford } from "../src/adaptation/welford.js";
import { valuesOf } from "./support.js";

beforeAll(async () => {
  await useEngine("onnx");
});

/** A kernel with ArgMax, for which the host has no code. The energy is the same. */
const onEngine =
  (energy: Energy): Energy =>
  (x) =>
    tf.add(energy(x), tf.mul(0, tf.cast(tf.argMax(x, 1), "float32")));

describe("a regression with raw regressors, noise of sd 2 and a flat prior", () => {
  // The posterior is normal with the covariance 4 (XᵀX)⁻¹. Years near 2000 make the intercept and
  // the slope correlated to 0.99999.
  const years = Array.from({ length: 40 }, (_, i) => 1980 + i);
  const noise = random.host.normal(random.key("noise"), years.length, { sd: 2 });
  const y = years.map((x, i) => 3 + 0.1 * (x - 2000) + noise[i]!);
  const centre = years.reduce((a, b) => a + b) / years.length;
  const spread = years.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  const slope = years.reduce((sum, x, i) => sum + ((x - centre) * y[i]!) / spread, 0);
  const intercept = y.reduce((a, b) => a + b) / y.length - slope * centre;
  const energy: Energy = (x) => {
    const [a, b] = tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor];
    const residual = tf.sub(tf.tensor2d([y]), tf.add(a, tf.mul(b, tf.tensor2d([years]))));
    return tf.div(tf.sum(tf.square(residual), 1), 8);
  };

  async function expectExact(energyOf: Energy, mass: Mass, steps: number): Promise<void> {
    const kernel = nuts({ energy: energyOf, mass });
    const starts = { law: uniformStarts([2]), chains: 8 };
    const tuned = await warmUp(kernel, starts, { steps, key: random.key("raw") });
    const { positions, info } = await sample(kernel, { initial: tuned, draws: 300, key: random.key("draws") });
    const [a, b] = summarize(positions);
    for (const [row, mean, variance] of [
      [a!, intercept, 4 * (1 / years.length + centre ** 2 / spread)],
      [b!, slope, 4 / spread],
    ] as const) {
      expect(Math.abs(row.mean - mean) / row.mcseMean).toBeLessThan(4);
      expect(Math.abs(row.sd - Math.sqrt(variance)) / row.mcseSd).toBeLessThan(4);
      expect(row.rHat).toBeLessThan(1.03);
    }
    expect(valuesOf(info.divergent).some(Boolean)).toBe(false);
    // All chains agree, so they share a step size.
    expect(tuned.stepSize.shape).toEqual([]);
  }

  it("is sampled with default settings", () => expectExact(energy, adaptedMass(), 500));
  it("is sampled with a diagonal mass, by long trajectories", () => expectExact(energy, diagonalMass(), 500));
});

it("samples scales from 1e-4 to 1e4", async () => {
  const scales = tf.tensor1d([1e-4, 1e-2, 1, 1e2, 1e4]);
  const energy: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(tf.div(x, scales)), [1]));
  const kernel = nuts({ energy });
  const tuned = await warmUp(
    kernel,
    { law: uniformStarts([5]), chains: 4 },
    { steps: 1000, key: random.key("scales") },
  );
  const { positions } = await sample(kernel, { initial: tuned, draws: 300, key: random.key("drawn") });
  summarize(positions).forEach((row, i) => {
    expect(Math.abs(row.mean) / row.mcseMean).toBeLessThan(4);
    expect(row.sd / [1e-4, 1e-2, 1, 1e2, 1e4][i]!).toBeGreaterThan(0.85);
    expect(row.sd / [1e-4, 1e-2, 1, 1e2, 1e4][i]!).toBeLessThan(1.15);
    expect(row.rHat).toBeLessThan(1.03);
  });
});

describe("positions in float64", () => {
  it("sample a normal of condition 1e12 whose axes are no coordinates", async () => {
    // Standard deviations 1 and 1e-6 along (3, 4)/5 and (-4, 3)/5.
    const energy: Energy = (x) => {
      const [a, b] = tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor];
      const wide = tf.add(tf.mul(0.6, a), tf.mul(0.8, b));
      const narrow = tf.mul(1e6, tf.sub(tf.mul(0.6, b), tf.mul(0.8, a)));
      return tf.mul(0.5, tf.sum(tf.add(tf.square(wide), tf.square(narrow)), 1));
    };
    const kernel = nuts({ energy });
    const starts = { law: uniformStarts([2]), chains: 8 };
    const tuned = await warmUp(kernel, starts, { steps: 1000, key: random.key("narrow") });
    const { positions, info } = await sample(kernel, { initial: tuned, draws: 300, key: random.key("narrow draws") });
    summarize(positions).forEach((row, i) => {
      expect(Math.abs(row.mean) / row.mcseMean).toBeLessThan(4);
      expect(Math.abs(row.sd - [0.6, 0.8][i]!) / row.mcseSd).toBeLessThan(4);
      expect(row.rHat).toBeLessThan(1.03);
    });
    // The mass makes it round: a round normal takes three leapfrog steps.
    expect(valuesOf(tf.mean(info.nLeapfrog))[0]).toBeLessThan(6);
  });

  it("hold scales below the spacing of float32 between transitions", async () => {
    // Numbers of float32 near 1000 are 6e-5 apart.
    const energy: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(tf.mul(1e6, tf.sub(x, 1000))), 1));
    const kernel = openKernel(nuts({ energy, stepSize: 1e-6 }));
    const begun = await kernel.init(tf.fill([64, 1], 1000));
    const { state } = await kernel.draw(begun, { key: random.key("below"), from: 0, count: 20 });
    const rest = valuesOf(tf.add(tf.sub(state.position, 1000), state.remainder!));
    const variance = rest.reduce((sum, x) => sum + x ** 2, 0) / rest.length;
    // 64 χ²: a false alarm has probability 1e-6.
    expect(variance / 1e-12).toBeGreaterThan(0.3);
    expect(variance / 1e-12).toBeLessThan(2.2);
    await kernel.dispose();
  });
});

describe("chains that start far apart", () => {
  const narrow: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(tf.div(x, 0.1)), [1]));
  const scattered = () => tf.mul(random.normal(random.key("far"), [8, 2]), 1000);

  it.each([
    ["nuts", () => nuts({ energy: narrow })],
    ["hmc", () => hmc({ energy: narrow, steps: [2, 4] })],
    ["hmc with a dense mass", () => hmc({ energy: narrow, steps: [2, 4], mass: denseMass() })],
    ["mala", () => mala({ energy: narrow })],
  ] as const)("do not pass for the scale of the target: %s", async (_, make) => {
    const kernel = make();
    const tuned = await warmUp(kernel, scattered(), { steps: 500, key: random.key("scatter") });
    const inverse = tuned.inverseMass as tf.Tensor | { covariance: tf.Tensor };
    const matrix = inverse instanceof tf.Tensor ? valuesOf(inverse) : valuesOf(inverse.covariance);
    const variances = matrix.length === 4 ? [matrix[0]!, matrix[3]!] : matrix;
    variances.forEach((variance) => expect(Math.abs(Math.log(variance / 0.01))).toBeLessThan(Math.log(1.6)));
    expect(tuned.stepSize.shape).toEqual([]);
    expect(valuesOf(tf.max(tf.abs(tuned.position)))[0]).toBeLessThan(1);
  });

  it("have their own steps and masses in modes of unequal width", async () => {
    // Wells of scale 1 at -50 and 0.01 at +50, which no chain leaves.
    const wells: Energy = (x) => {
      const scale = tf.where(tf.less(x, 0), tf.fill(x.shape, 1), tf.fill(x.shape, 0.01));
      return tf.squeeze(tf.mul(0.5, tf.square(tf.div(tf.sub(tf.abs(x), 50), scale))), [1]);
    };
    const start = tf.tensor2d([-50, 50, -50, 50, -50, 50], [6, 1]);
    const kernel = nuts({ energy: wells, mass: diagonalMass() });
    const tuned = await warmUp(kernel, start, { steps: 300, key: random.key("wells") });
    expect(tuned.stepSize.shape).toEqual([6]);
    const variances = valuesOf(tuned.inverseMass as tf.Tensor);
    [1, 1e-4, 1, 1e-4, 1, 1e-4].forEach((exact, chain) =>
      expect(Math.abs(Math.log(variances[chain]! / exact))).toBeLessThan(Math.log(2)),
    );
    const { info } = await sample(kernel, { initial: tuned, draws: 100, key: random.key("in wells") });
    valuesOf(tf.mean(info.acceptProb, 1)).forEach((acceptance) =>
      expect(Math.abs(acceptance - 0.8)).toBeLessThan(0.15),
    );
  });
});

describe("a lost chain", () => {
  // A narrow well at 30, where the energy is 1000 higher than near 0.
  const trap: Energy = (x) => {
    const near = tf.mul(0.5, tf.sum(tf.square(x), [1]));
    const far = tf.add(1000, tf.mul(0.5, tf.sum(tf.square(tf.div(tf.sub(x, 30), 0.1)), [1])));
    return tf.where(tf.greater(near, 300), far, near);
  };

  it("begins again where starts have a law, and is named where they have none", async () => {
    const energy = trap;
    const lostStart = (n: number) => tf.concat([tf.fill([1, 2], 30), tf.zeros([n - 1, 2])], 0);
    let calls = 0;
    const law = (key: Key, n: number): tf.Tensor => (calls++ === 0 ? lostStart(n) : random.normal(key, [n, 2]));
    const told: string[] = [];
    const options = { steps: 300, key: random.key("lost"), onTrouble: (text: string) => void told.push(text) };
    const again = await warmUp(nuts({ energy }), { law, chains: 6 }, options);
    expect(valuesOf(tf.max(tf.abs(again.position)))[0]).toBeLessThan(10);
    expect(again.stepSize.shape).toEqual([]);
    expect(told).toEqual([]);
    const stuck = await warmUp(nuts({ energy }), lostStart(6), options);
    expect(valuesOf(stuck.position)[0]).toBeGreaterThan(20);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/1 of 6 chains stayed at energies far above the others: chain 0 \(by 1.00e\+3\)/);
    // Its step size is not that of the others, which agree.
    expect(new Set(valuesOf(stuck.stepSize).slice(1)).size).toBe(1);
  });
});

describe("agreement of chains", () => {
  const windowOf = (values: readonly number[], energies: readonly number[]): ChainWindow => {
    const window = startWindow(1, false);
    values.forEach((value, t) => observeStep(window, [value], energies[t]!));
    return window;
  };
  const wave = (n: number, centre: number, height = 1) =>
    Array.from({ length: n }, (_, t) => centre + height * Math.sin(2.4 * t));

  it("joins chains along a ridge, and parts modes and energies", () => {
    const at = (centre: number, energy = 0) => windowOf(wave(25, centre), wave(25, energy));
    expect(agreeingGroups([at(0), at(0.5), at(1.3), at(3.2)])).toEqual([[0, 1, 2, 3]]);
    expect(agreeingGroups([at(0), at(9), at(0.1), at(9.1), at(0.2)])).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
    expect(agreeingGroups([at(0), at(0, 50), at(0)])).toEqual([[0, 2], [1]]);
    // Chains that drift have not shown that they are apart.
    const drifting = (from: number) =>
      windowOf(
        Array.from({ length: 25 }, (_, t) => from + 0.01 * t),
        wave(25, 0),
      );
    expect(agreeingGroups([drifting(0), drifting(5)])).toEqual([[0, 1]]);
    expect(agreeingGroups([windowOf(new Array(25).fill(1), new Array(25).fill(NaN)), at(1)])).toEqual([[0], [1]]);
  });

  it("calls a chain lost that stays far above most others", () => {
    const at = (energy: number) => windowOf(wave(25, energy), wave(25, energy));
    const falling = windowOf(
      wave(24, 0),
      Array.from({ length: 24 }, (_, t) => 1e6 / (t + 1)),
    );
    const chains = [at(0), at(0), at(500), falling, at(0.1)];
    const groups = agreeingGroups(
      chains.map((one, i) => {
        const { positions, steps } = at(i > 1 && i < 4 ? 40 * i : 0);
        return { ...one, positions, steps };
      }),
    );
    expect(lostAmong(chains, groups).map(({ chain }) => chain)).toEqual([2]);
    expect(lostAmong([at(0), at(500)], [[0], [1]]).map(({ chain }) => chain)).toEqual([1]);
    expect(lostAmong([at(0), at(500), at(1000)], [[0], [1], [2]])).toEqual([]);
  });

  it.each([false, true])("pools the draws of a group, dense: %s", (dense) => {
    const rows = random.host.normal(random.key("pool"), 60);
    const parts = [rows.subarray(0, 18), rows.subarray(18, 24), rows.subarray(24)].map((part) => {
      const state = startWelford(3, dense);
      observe(state, part);
      return state;
    });
    const all = startWelford(3, dense);
    observe(all, rows);
    const pooled = merged(parts);
    expect(pooled.count).toBe(20);
    pooled.mean.forEach((value, i) => expect(value).toBeCloseTo(all.mean[i]!, 12));
    pooled.spread.forEach((value, i) => expect(value).toBeCloseTo(all.spread[i]!, 10));
  });
});

describe("starts by a law", () => {
  /** Defined above -1 alone. */
  const half: Energy = (x) => tf.sum(tf.sub(tf.square(x), tf.log(tf.add(x, 1))), [1]);
  const starts = { law: uniformStarts([3]), chains: 20 };

  it.each([
    ["nuts", () => nuts({ energy: half })],
    ["hmc", () => hmc({ energy: half, steps: 3 })],
  ] as const)("are drawn again where the energy is not finite: %s", async (_, make) => {
    const { positions } = await sample(make(), { initial: starts, draws: 2, key: random.key("law") });
    expect(positions.shape).toEqual([20, 2, 3]);
    expect(valuesOf(tf.min(positions))[0]).toBeGreaterThan(-1);
  });

  it("do not depend on the number of chains where none is drawn again, and leave no tensors behind", async () => {
    const fine: Energy = (x) => tf.sum(tf.square(x), [1]);
    const run = (chains: number) =>
      sample(nuts({ energy: fine }), { initial: { ...starts, chains }, draws: 1, key: random.key("few") });
    tree.dispose(await run(4));
    const before = tf.memory().numTensors;
    tree.dispose(await run(4));
    tree.dispose(await warmUp(nuts({ energy: half }), starts, { steps: 25, key: random.key("kept") }));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("end in an error that names the chains, after 100 draws", async () => {
    const nowhere: Energy = (x) => tf.log(tf.sub(tf.sum(tf.square(x), [1]), 100));
    const run = (law = uniformStarts([2])) =>
      warmUp(nuts({ energy: nowhere }), { law, chains: 5 }, { steps: 5, key: random.key("none") });
    await expect(run()).rejects.toThrow(ValidationError);
    await expect(run()).rejects.toThrow(
      /5 of 5 chains \(0, 1, 2, 3, 4\) found no start in 100 draws; the last of chain 0 was \[.*\], where energy is NaN/,
    );
    await expect(run((key) => random.normal(key, [3, 2]))).rejects.toThrow(
      /the law of the starts gave 3 chains, expected 5/,
    );
    expect(() => uniformStarts([2], { width: 0 })).toThrow(/width is 0/);
  });
});

describe("the host and the engine", () => {
  const curved: Energy = (x) =>
    tf.add(tf.mul(0.5, tf.sum(tf.square(x), [1])), tf.mul(0.25, tf.sum(tf.square(tf.square(x)), [1])));
  const fields = (info: TensorTree) => tree.leaves(info).map((leaf) => valuesOf(leaf));

  it.each([
    ["diagonal", () => diagonalMass(tf.tensor1d([0.5, 1, 2]))],
    [
      "dense",
      () =>
        denseMass([
          [1, 0.3, 0],
          [0.3, 0.8, 0.1],
          [0, 0.1, 1.2],
        ]),
    ],
  ] as const)("give the same trees: %s mass", async (_, makeMass) => {
    const mass = makeMass();
    const initial = random.normal(random.key("both"), [6, 3]);
    const options = { stepSize: tf.tensor1d([0.3, 0.2, 0.1, 0.05, 0.5, 0.9]), mass, temperature: 1.5 };
    const run = (energy: Energy) =>
      sample(nuts({ energy, ...options }), { initial, draws: 3, key: random.key("trees") });
    const [host, engine] = [await run(curved), await run(onEngine(curved))];
    expect(valuesOf(host.info.nLeapfrog)).toEqual(valuesOf(engine.info.nLeapfrog));
    expect(valuesOf(host.info.treeDepth)).toEqual(valuesOf(engine.info.treeDepth));
    valuesOf(host.positions).forEach((value, i) => expect(valuesOf(engine.positions)[i]).toBeCloseTo(value, 2));
    expect(fields(host.info).map(({ length }) => length)).toEqual(fields(engine.info).map(({ length }) => length));
  });

  it("give masses of each chain on the engine too", async () => {
    const wide = tf.tensor2d([1, 4, 1, 4, 1, 4, 1, 4], [8, 1]);
    const energy = onEngine((x) => tf.mul(0.5, tf.sum(tf.square(tf.sub(x, tf.mul(30, tf.sign(x)))), [1])));
    const start = tf.mul(tf.tile(tf.tensor2d([[1], [-1]]), [4, 2]), tf.mul(30, tf.onesLike(tf.tile(wide, [1, 2]))));
    const kernel = nuts({ energy, mass: denseMass() });
    const tuned = await warmUp(kernel, start, { steps: 100, key: random.key("per chain") });
    expect(tuned.stepSize.shape).toEqual([8]);
    expect((tuned.inverseMass as { covariance: tf.Tensor }).covariance.shape).toEqual([8, 2, 2]);
    const { info } = await sample(kernel, { initial: tuned, draws: 30, key: random.key("on engine") });
    expect(valuesOf(tf.mean(info.acceptProb))[0]).toBeGreaterThan(0.6);
  });
});

describe("draws on the host", () => {
  const energy: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(x), [1]));

  it("do not depend on how they are grouped into calls", async () => {
    const kernel = nuts({ energy, stepSize: 0.4 });
    const initial = random.normal(random.key("grouped"), [3, 4]);
    const whole = await sample(kernel, { initial, draws: 6, key: random.key("g") });
    const opened = kernel.open();
    const state = await opened.init(initial);
    const first = await opened.draw(state, { key: random.key("g"), from: 0, count: 2 });
    const rest = await opened.draw(first.state, { key: random.key("g"), from: 2, count: 4 });
    await opened.dispose();
    expect(valuesOf(tf.concat([first.positions, rest.positions], 1))).toEqual(valuesOf(whole.positions));
    expect(valuesOf(rest.state.energy)).toEqual(valuesOf(whole.state.energy));
  });

  it("do not round the energy: a constant of 1e8 leaves them as they are", async () => {
    const initial = random.normal(random.key("constant"), [3, 2]);
    const run = (own: Energy) =>
      sample(nuts({ energy: own, stepSize: 0.5 }), { initial, draws: 5, key: random.key("c") });
    const [plain, shifted] = [await run(energy), await run((x) => tf.add(1e8, energy(x)))];
    expect(valuesOf(shifted.info.nLeapfrog)).toEqual(valuesOf(plain.info.nLeapfrog));
    valuesOf(shifted.positions).forEach((value, i) => expect(value).toBeCloseTo(valuesOf(plain.positions)[i]!, 5));
  });

  it("read captured variables at every call", async () => {
    const scale = tf.variable(tf.scalar(1));
    const kernel = nuts({ energy: (x) => tf.sum(tf.square(tf.div(x, scale)), [1]), stepSize: 0.4 });
    const opened = kernel.open();
    const before = await opened.init(tf.ones([1, 1]));
    scale.assign(tf.scalar(2));
    const after = await opened.init(tf.ones([1, 1]));
    expect([valuesOf(before.energy)[0], valuesOf(after.energy)[0]]).toEqual([1, 0.25]);
    await opened.dispose();
    scale.dispose();
  });
});
