/**
 * Step sizes, noise scales and temperatures per chain.
 *
 * - The stationary variance of every chain is that of its own settings.
 * - A chain moves exactly as in a run in which all chains have its settings.
 *
 * Statistical tests use 5 standard errors. With fixed keys and about 60 comparisons a false alarm
 * has probability below 4e-5.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, ValidationError } from "@ergodic/tensor";
import {
  hmc,
  independence,
  langevin,
  mala,
  nuts,
  runChain,
  runSteps,
  sample,
  warmUp,
  type ChainSetting,
  type ChainValue,
  type Kernel,
  type RowEnergy,
} from "@ergodic/samplers";
import { followAcceptance } from "@ergodic/samplers/adaptation";
import { weightedLangevin } from "@ergodic/samplers/annealing";
import { preconditionedSgld, sghmc, sgld } from "@ergodic/samplers/stochastic-gradients";
import { parallelTempering } from "@ergodic/samplers/tempering";
import { enginesOnThisMachine, valuesOf } from "./support.js";

type Trio = { readonly row: tf.Tensor; readonly deep: readonly [tf.Tensor] };
const sizes = [0.2, 0.5, 0.9];
const temperatures = [0.5, 1, 2.5];
const start = (): Trio => ({
  row: random.normal(random.key("row"), [3]),
  deep: [random.normal(random.key("deep"), [3, 2, 1, 2])],
});
/** ½ x² of a leaf `[chains]` and 1.5 y² of a leaf of rank 4. */
const energy = ({ row, deep: [deep] }: Trio): tf.Tensor =>
  tf.add(tf.mul(0.5, tf.square(row)), tf.mul(1.5, tf.sum(tf.square(deep), [1, 2, 3])));

/** Settings of every kind with one number per chain. `alone` has one number for all chains. */
const kinds = {
  "a tensor": (numbers: readonly number[]): ChainSetting => tf.tensor1d([...numbers]),
  "a schedule":
    (numbers: readonly number[]): ChainSetting =>
    (step) =>
      tf.div(tf.tensor1d([...numbers]), tf.add(1, tf.mul(0.1, step))),
};
const alone = {
  "a tensor": (value: number): ChainSetting => value,
  "a schedule":
    (value: number): ChainSetting =>
    (step) =>
      tf.div(value, tf.add(1, tf.mul(0.1, step))),
};

type Make = (first: ChainSetting, second: ChainSetting) => unknown;
const kernels: readonly [string, Make][] = [
  ["langevin", (stepSize, temperature) => langevin<Trio>({ energy, stepSize, temperature })],
  ["langevin by drift and noise", (drift, noise) => langevin<Trio>({ energy, drift, noise, denoiseLast: 4 })],
  ["mala", (stepSize, temperature) => mala<Trio>({ energy, stepSize, temperature })],
  ["hmc", (stepSize, temperature) => hmc<Trio>({ energy, stepSize, temperature, steps: [1, 3] })],
  ["sgld", (learningRate, temperature) => sgld<Trio>({ energy, learningRate, temperature })],
  ["sghmc", (learningRate, temperature) => sghmc<Trio>({ energy, learningRate, temperature })],
  [
    "preconditionedSgld",
    (learningRate, temperature) =>
      preconditionedSgld<Trio>({ energy, learningRate, temperature, correction: true, decay: 0.5 }),
  ],
];

describe.each(enginesOnThisMachine)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });
  const key = random.key("chains");
  const end = (kernel: unknown): Promise<Trio> =>
    compile((position: Trio) => runSteps(kernel as Kernel<Trio>, position, { steps: 4, key }).position)(start());
  /** The numbers of chain c. */
  const chain = (position: Trio, c: number): number[] =>
    tree.leaves(position).flatMap((leaf) => valuesOf(tf.slice(leaf, c, 1)));

  describe.each(["a tensor", "a schedule"] as const)("each chain of a tree moves as alone, with %s", (kind) => {
    it.each(kernels)("%s", async (_, make) => {
      const together = await end(make(kinds[kind](sizes), kinds[kind](temperatures)));
      for (const c of sizes.keys()) {
        const apart = await end(make(alone[kind](sizes[c]!), alone[kind](temperatures[c]!)));
        chain(apart, c).forEach((value, i) => expect(chain(together, c)[i]).toBeCloseTo(value, 5));
      }
    });
  });

  it("tensors stay the caller's", async () => {
    const [size, heat] = [tf.tensor1d(sizes), tf.tensor1d(temperatures)];
    const runs = [
      langevin<Trio>({ energy, stepSize: size, temperature: heat }),
      mala<Trio>({ energy, stepSize: size, temperature: heat }),
      mala<Trio>({ energy, stepSize: () => size, temperature: () => heat }),
      sgld<Trio>({ energy, learningRate: size, temperature: () => heat }),
    ] as Kernel<Trio>[];
    for (const kernel of runs) {
      for (const run of [0, 1]) await runChain(kernel, { initial: start(), steps: 3, every: 1, key: random.key(run) });
    }
    expect([size.isDisposed, heat.isDisposed]).toEqual([false, false]);
  });

  it("a scalar tensor is the number", async () => {
    const [tensors, numbers] = await Promise.all([
      end(hmc<Trio>({ energy, stepSize: tf.scalar(0.3), temperature: tf.scalar(2), steps: 2 })),
      end(hmc<Trio>({ energy, stepSize: 0.3, temperature: 2, steps: 2 })),
    ]);
    sizes.forEach((_, c) => expect(chain(tensors, c)).toEqual(chain(numbers, c)));
  });

  // Rows of long trajectories contain only the chains that still double. Here chains have 5 to 6
  // doublings, or 1.
  it("nuts gives each chain its own step size and temperature where chains end at different lengths", async () => {
    const flat: RowEnergy = (x) => tf.mul(0.5, tf.sum(tf.square(x), [1]));
    const [stepSizes, heats] = [Array.from({ length: 12 }, (_, c) => 0.04 * 1.4 ** c), [1, 2, 4]];
    const heatOf = (c: number): number => heats[c % 3]!;
    const initial = random.normal(random.key("nuts"), [12, 2]);
    const run = (stepSize: ChainValue, temperature: ChainValue) =>
      sample(nuts({ energy: flat, stepSize, temperature }), { initial, draws: 6, key });
    const together = await run(tf.tensor1d(stepSizes), tf.tensor1d(stepSizes.map((_, c) => heatOf(c))));
    expect(together.info.stepSize.shape).toEqual([12, 6]);
    const depths = valuesOf(together.info.treeDepth);
    expect([Math.min(...depths) <= 2, Math.max(...depths) >= 5]).toEqual([true, true]);
    for (const c of [0, 4, 11]) {
      const apart = await run(stepSizes[c]!, heatOf(c));
      const row = (values: tf.Tensor): number[] => valuesOf(tf.slice(values, c, 1));
      expect(row(apart.info.treeDepth)).toEqual(row(together.info.treeDepth));
      row(apart.positions).forEach((value, i) => expect(row(together.positions)[i]).toBeCloseTo(value, 3));
      row(apart.info.energy).forEach((value, i) => expect(row(together.info.energy)[i]).toBeCloseTo(value, 3));
    }
  });
});

describe("laws", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });
  const perGroup = 20_000;
  const chains = 3 * perGroup;
  const energyOf = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(x), [1]));
  /** One number per third of the chains. */
  const grouped = (numbers: readonly number[]): tf.Tensor1D =>
    tf.tensor1d(numbers.flatMap((value) => new Array<number>(perGroup).fill(value)));
  const initial = (): tf.Tensor => random.normal(random.key("laws"), [chains, 1]);
  const stationary = async (kernel: Kernel, steps: number): Promise<number[]> => {
    const { position } = await runChain(kernel, { initial: initial(), steps, key: random.key("run") });
    return valuesOf(tf.mean(tf.reshape(tf.square(position), [3, perGroup]), 1));
  };
  /** A mean of squares has the relative standard error √(2/n). */
  const expectVariances = (found: readonly number[], exact: readonly number[]): void =>
    exact.forEach((variance, g) =>
      expect(Math.abs(found[g]! / variance - 1), `group ${g}: ${found[g]}`).toBeLessThan(5 * Math.sqrt(2 / perGroup)),
    );

  it("langevin: the variance of each chain is T/(1 - s²/4) of its own s and T", async () => {
    const [s, T] = [
      [0.6, 0.9, 1.2],
      [2, 0.25, 1],
    ];
    const kernel = langevin({ energy: energyOf, stepSize: grouped(s), temperature: grouped(T) });
    expectVariances(
      await stationary(kernel, 40),
      s.map((size, g) => T[g]! / (1 - size ** 2 / 4)),
    );
  });

  it("langevin: noise scales of each chain give it the temperature (η/s)²", async () => {
    const noise = [0.4, 0.8, 1.6];
    const kernel = langevin({ energy: energyOf, stepSize: 0.8, noise: grouped(noise) });
    expectVariances(
      await stationary(kernel, 40),
      noise.map((eta) => (eta / 0.8) ** 2 / (1 - 0.16)),
    );
  });

  it.each([
    ["mala", (stepSize: tf.Tensor, temperature: tf.Tensor) => mala({ energy: energyOf, stepSize, temperature })],
    [
      "hmc",
      (stepSize: tf.Tensor, temperature: tf.Tensor) => hmc({ energy: energyOf, stepSize, temperature, steps: 2 }),
    ],
    [
      "hmc with schedules",
      (stepSize: tf.Tensor, temperature: tf.Tensor) =>
        hmc({ energy: energyOf, stepSize: () => stepSize, temperature: () => temperature, steps: 2 }),
    ],
  ])("%s: the variance of each chain is its temperature, whatever its step size", async (_, make) => {
    const T = [0.3, 1, 4];
    expectVariances(await stationary(make(grouped([0.5, 0.9, 1.3]), grouped(T)) as Kernel, 40), T);
  });

  // A step of size ε on ½x² has ΔH = (ε²/8)(x'² - x²), and for a reversible map E min(1, exp(-ΔH))
  // = 2 P(x'² < x²). With x and p normal, x' = (1 - ε²/2) x + ε p, that is (2/π) arctan(8/ε³).
  it("acceptance falls with the step size of each chain", async () => {
    const { info } = await runChain(mala({ energy: energyOf, stepSize: grouped([0.3, 1.2, 1.8]) }), {
      initial: initial(),
      steps: 1,
      key: random.key("acceptance"),
    });
    const means = valuesOf(tf.mean(tf.reshape(info.acceptProb, [3, perGroup]), 1));
    // Numbers in [0, 1] have a standard deviation of at most 0.5.
    [0.3, 1.2, 1.8].forEach((size, g) => {
      const exact = (2 / Math.PI) * Math.atan(8 / size ** 3);
      expect(Math.abs(means[g]! - exact)).toBeLessThan((5 * 0.5) / Math.sqrt(perGroup));
    });
  });

  it("a scheduled temperature anneals: cached energies follow it", async () => {
    const temperature = (step: tf.Scalar): tf.Tensor => tf.maximum(1, tf.sub(5, tf.mul(0.2, step)));
    expectVariances(await stationary(mala({ energy: energyOf, stepSize: 0.9, temperature }) as Kernel, 60), [1, 1, 1]);
  });

  it("followAcceptance brings each chain to its own step size", () => {
    const next = followAcceptance(tf.tensor1d([0.1, 0.2]), tf.tensor1d([0.651, 0.651 + 2]), { gain: 0.5 });
    expect(valuesOf(next)[0]).toBeCloseTo(0.1, 6);
    expect(valuesOf(next)[1]).toBeCloseTo(0.2 * Math.E, 6);
    expect(() => followAcceptance(tf.scalar(0.1), tf.tensor1d([0.5, 0.5]))).toThrow(/acceptance has shape \[2\]/);
  });
});

describe("refusals", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  const square = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(x), [1]);
  const four = (): tf.Tensor => tf.ones([4, 1]);
  const key = random.key(0);
  const shapes: readonly [string, () => ChainSetting, RegExp][] = [
    [
      "another number of chains",
      () => tf.ones([3]),
      /has shape \[3\], expected \[\] or \[4\]; give one number for all chains/,
    ],
    ["a column", () => tf.ones([4, 1]), /has shape \[4,1\], expected \[\] or \[4\]/],
    ["a schedule of another shape", () => () => tf.ones([2]), /has shape \[2\], expected \[\] or \[4\]/],
    ["whole numbers", () => tf.scalar(1, "int32"), /is of type int32, expected float32/],
    ["a schedule of numbers", () => (() => 1) as unknown as ChainSetting, /gave number, expected a tensor/],
  ];
  it.each(shapes)("%s", (_, make, message) => {
    const value = make();
    const kernelsOf = [
      langevin({ energy: square, stepSize: value }),
      langevin({ energy: square, stepSize: 0.1, noise: value }),
      langevin({ energy: square, stepSize: 0.1, temperature: value }),
      mala({ energy: square, stepSize: value }),
      hmc({ energy: square, steps: 1, temperature: value }),
    ];
    for (const kernel of kernelsOf) {
      const run = () => runSteps(kernel as Kernel, four(), { steps: 1, key });
      expect(run).toThrow(ValidationError);
      expect(run).toThrow(message);
    }
  });

  it.each([
    [{ stepSize: "long" }, /stepSize is "long", expected a number, a tensor or a schedule/],
    [{ stepSize: [1, 2] }, /stepSize is \[1, 2\], expected .*; for numbers per chain pass tf.tensor1d/],
    [{ stepSize: 0 }, /stepSize is 0, expected a finite number > 0/],
    [{ stepSize: 1, temperature: -1 }, /temperature is -1/],
  ])("%j", (options, message) => {
    expect(() => mala({ energy: square, ...(options as unknown as { stepSize: number }) })).toThrow(message);
  });

  it("schedules, where a kernel has no step to count", () => {
    const schedule = (() => tf.scalar(1)) as unknown as number;
    expect(() => nuts({ energy: square, stepSize: schedule })).toThrow(/nuts\(\{ stepSize \}\) is a schedule/);
    expect(() => nuts({ energy: square, temperature: schedule })).toThrow(/nuts\(\{ temperature \}\) is a schedule/);
    expect(() => weightedLangevin({ energy: square, stepSize: schedule })).toThrow(/stepSize \}\) is a schedule/);
    const proposal = { sample: four, energy: square };
    expect(() => independence({ energy: square, proposal, temperature: schedule })).toThrow(/is a schedule/);
  });

  it("warmUp, of one step size, for step sizes of each chain and for schedules", async () => {
    const perChain = hmc({ energy: square, steps: 1, stepSize: tf.ones([4]) });
    await expect(warmUp(perChain, four(), { steps: 5, key })).rejects.toThrow(
      /step size of the kernel has shape \[4\], expected one for all chains/,
    );
    const scheduled = mala({ energy: square, stepSize: () => tf.scalar(0.1) });
    await expect(warmUp(scheduled as typeof perChain, four(), { steps: 5, key })).rejects.toThrow(
      /warmUp was given a kernel that cannot be tuned, expected hmc, mala or nuts whose step size/,
    );
  });

  it("parallelTempering, whose step sizes belong to temperatures", () => {
    const tempering = parallelTempering({
      energy: square,
      kernel: (tempered) => hmc({ energy: tempered, steps: 1, stepSize: tf.ones([8]) }),
      betas: [1, 0.5],
    });
    expect(() => tempering.init(four())).toThrow(
      /step size of the local kernel has shape \[8\], expected one for all rows/,
    );
  });
});
