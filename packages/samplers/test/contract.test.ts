/** What every kernel keeps, a row for each: purity, agreement of compiled and eager runs, independent chains, no leaks, clear errors. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, ValidationError, type Key, type TensorTree } from "@ergodic/tensor";
import {
  denseMass,
  hmc,
  identityMass,
  independence,
  langevin,
  mala,
  runChain,
  runSteps,
  type Energy,
  type Kernel,
} from "@ergodic/samplers";
import { enginesOnThisMachine, valuesOf } from "./support.js";

type Pair = { a: tf.Tensor; b: tf.Tensor };
type Make = (energy: Energy<Pair>, stepSize: number) => Kernel<Pair>;

const kernels: readonly (readonly [string, Make])[] = [
  ["langevin", (energy, stepSize) => langevin<Pair>({ energy, stepSize })],
  ["mala", (energy, stepSize) => mala<Pair>({ energy, stepSize })],
  ["hmc", (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: 3 })],
  ["hmc, lengths drawn", (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: [1, 2, 4], mass: identityMass() })],
  [
    "independence",
    (energy) =>
      independence<Pair>({
        energy,
        proposal: {
          sample: (key, n) => random.normalLike(key, { a: tf.zeros([n, 1]), b: tf.zeros([n, 2, 1]) }),
          energy: ({ a, b }) => tf.mul(0.5, tf.add(tf.sum(tf.square(a), [1]), tf.sum(tf.square(b), [1, 2]))),
        },
      }),
  ],
  ["hmc, dense mass", (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: 2, mass: denseMass() })],
];

const energy: Energy<Pair> = ({ a, b }) =>
  tf.add(tf.sum(tf.sub(tf.cosh(a), 1), [1]), tf.sum(tf.square(tf.sub(b, 0.5)), [1, 2]));
const startOf = (chains: number): Pair => ({
  a: random.normal(random.key("a"), [chains, 1]),
  b: random.normal(random.key("b"), [chains, 2, 1]),
});
const key = random.key("contract");
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);

describe.each(kernels)("%s", (name, make) => {
  describe.each(enginesOnThisMachine)("on %s", (engine) => {
    beforeAll(async () => {
      await useEngine(engine);
    });

    it("moves, compiled in one program or in blocks as eagerly", async () => {
      const kernel = make(energy, 0.3);
      const initial = startOf(5);
      const eager = runSteps(kernel, initial, { steps: 6, key });
      const whole = await compile((x: Pair, k: Key) => runSteps(kernel, x, { steps: 6, key: k }))(initial, key);
      const blocks = await runChain(kernel, { initial, steps: 6, key, stepsPerCall: 4 });
      expect(numbers(eager.position)).not.toEqual(numbers(initial));
      for (const other of [whole, blocks]) {
        expect(Object.keys(other.info)).toEqual(Object.keys(eager.info).sort());
        [...numbers(other.position), ...numbers(other.info)].forEach((value, i) =>
          expect(value).toBeCloseTo([...numbers(eager.position), ...numbers(eager.info)][i]!, 4),
        );
      }
    });

    it("chains do not influence one another: the first of many is the first of few", async () => {
      const kernel = make(energy, 0.3);
      const all = startOf(16);
      const first = tree.map((leaf) => tf.slice(leaf, 0, 3), all as TensorTree) as Pair;
      const many = await runChain(kernel, { initial: all, steps: 5, key });
      const few = await runChain(kernel, { initial: first, steps: 5, key });
      const head = tree.map((leaf) => tf.slice(leaf, 0, 3), many.position as TensorTree);
      numbers(head).forEach((value, i) => expect(value).toBeCloseTo(numbers(few.position)[i]!, 5));
    });

    it("leaves no tensors behind", async () => {
      const kernel = make(energy, 0.3);
      const initial = startOf(3);
      tree.dispose(await runChain(kernel, { initial, steps: 1, key }));
      const before = tf.memory().numTensors;
      const { position, info, records } = await runChain(kernel, { initial, steps: 7, key, every: 2 });
      tree.dispose([position, info, records.map((record) => [record.position, record.info])]);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it("names what is wrong with its arguments", async () => {
    await useEngine("cpu");
    const run = (wrong: Energy<Pair>, initial = startOf(4)) => runChain(make(wrong, 0.3), { initial, steps: 1, key });
    if (name !== "independence")
      for (const stepSize of [0, -1, NaN]) expect(() => make(energy, stepSize)).toThrow(/stepSize is/);
    expect(() => make(undefined as unknown as Energy<Pair>, 0.3)).toThrow(/energy is undefined, expected a function/);
    await expect(run(({ a }) => tf.square(a))).rejects.toThrow(/has shape \[4,1\], expected \[4\].*squeeze/);
    await expect(run(({ a }) => tf.sum(a))).rejects.toThrow(ValidationError);
    const ragged = { a: tf.zeros([4, 1]), b: tf.zeros([3, 2, 1]) };
    await expect(run(energy, ragged)).rejects.toThrow(/\[4,1\], \[3,2,1\].*same first axis/);
    const broken = { ...startOf(4), a: tf.tensor2d([[0], [1], [NaN], [0]]) };
    await expect(run(energy, broken)).rejects.toThrow(/is NaN where chain 2 starts/);
  });

  it("starts only where the energy is finite, if it needs its value", async () => {
    await useEngine("cpu");
    const kernel = make(({ a }) => tf.log(tf.squeeze(a, [1])), 0.3);
    const initial = { a: tf.tensor2d([[1], [-1]]), b: tf.zeros([2, 2, 1]) };
    if (!("energy" in kernel.init(initial))) return;
    await expect(runChain(kernel, { initial, steps: 1, key })).rejects.toThrow(/energy is NaN where chain 1 starts/);
  });
});
