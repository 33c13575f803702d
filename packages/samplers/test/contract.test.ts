/**
 * Properties of every kernel, one row per kernel in `kernels.ts`: purity, shapes, agreement of
 * compiled and eager runs, equal draws for equal keys, independent chains, no leaks.
 *
 * `bad-input.test.ts` has the inputs they reject.
 */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { openKernel, runChain, runSteps, sample, type Energy, type Kernel } from "@ergodic/samplers";
import { rows, type Pair, type Row } from "./kernels.js";
import { enginesOnThisMachine, valuesOf } from "./support.js";

const energy: Energy<Pair> = ({ a, b }) =>
  tf.add(tf.sum(tf.sub(tf.cosh(a), 1), [1]), tf.sum(tf.square(tf.sub(b, 0.5)), [1, 2]));
const startOf = (chains: number): Pair => ({
  a: random.normal(random.key("a"), [chains, 1]),
  b: random.normal(random.key("b"), [chains, 2, 1]),
});
const firstOf = <X extends TensorTree>(chains: number, values: X): X =>
  tree.map((leaf) => tf.slice(leaf, 0, chains), values as TensorTree) as X;
const key = random.key("contract");
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);
const expectClose = (found: TensorTree, expected: TensorTree, digits: number): void => {
  const wanted = numbers(expected);
  expect(numbers(found)).toHaveLength(wanted.length);
  numbers(found).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, digits));
};
const madeOf = ({ make }: Row) => make(energy, 0.3);

/** The rows whose step is a pure function. */
const pureRows = rows.filter((row) => !("open" in row.make(energy, 0.3)));

describe.each(enginesOnThisMachine)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  describe.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const opened = openKernel(madeOf(row));
    const draw = (initial: Pair, draws: number, from = key) => sample(opened, { initial, draws, key: from });
    afterAll(() => opened.dispose());

    it("gives draws and reports of the right shapes, and the same for the same key", async () => {
      const initial = startOf(5);
      const before = numbers(initial);
      const [once, again] = [await draw(initial, 10), await draw(initial, 10)];
      expect(once.positions.a.shape).toEqual([5, 10, 1]);
      expect(once.positions.b.shape).toEqual([5, 10, 2, 1]);
      for (const { shape } of tree.leaves(once.info as TensorTree)) {
        expect(shape.slice(0, 2)).toEqual(shape.length === 1 ? [10] : [5, 10]);
      }
      expect(numbers(again.positions)).toEqual(numbers(once.positions));
      expect(numbers(again.info)).toEqual(numbers(once.info));
      expect(numbers(initial)).toEqual(before);
      expect(numbers(once.positions).every(Number.isFinite)).toBe(true);
      const other = await draw(initial, 10, random.key("another"));
      expect(numbers(other.positions)).not.toEqual(numbers(once.positions));
    });

    // Equal up to rounding: the order of a sum over rows may depend on their number.
    it("chains do not influence one another: chain 0 alone is chain 0 of 16", async () => {
      const all = startOf(16);
      const [many, few, one] = [await draw(all, 3), await draw(firstOf(5, all), 3), await draw(firstOf(1, all), 3)];
      expectClose(firstOf(5, many.positions), few.positions, 5);
      expectClose(firstOf(1, many.positions), one.positions, 5);
    });

    it("leaves no tensors behind, with programs of its own or kept ones", async () => {
      const initial = startOf(5);
      tree.dispose(await draw(initial, 10));
      const before = tf.memory().numTensors;
      tree.dispose(await draw(initial, 10));
      tree.dispose(await sample(madeOf(row), { initial, draws: 1, key }));
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it.each(pureRows.map((row) => [row.name, row] as const))(
    "%s moves, compiled in one program or in blocks as eagerly",
    async (_, row) => {
      const kernel = madeOf(row) as Kernel<Pair>;
      const initial = startOf(5);
      const eager = runSteps(kernel, initial, { steps: 3, key });
      const whole = await compile((x: Pair, k: Key) => runSteps(kernel, x, { steps: 3, key: k }))(initial, key);
      const blocks = await runChain(kernel, { initial, steps: 3, key, stepsPerCall: 2 });
      expect(numbers(eager.position)).not.toEqual(numbers(initial));
      for (const other of [whole, blocks]) {
        expect(tree.paths(other.info)).toEqual(tree.paths(eager.info));
        const [found, wanted] = [other, eager].map(({ position, info }) => [position, info] as TensorTree);
        // Engines with the same kernels give the same bits. Others round differently.
        if (engine === "cpu") expect(numbers(found!)).toEqual(numbers(wanted!));
        else expectClose(found!, wanted!, 4);
      }
    },
  );

  it.each(pureRows.filter((row) => row.replicas === undefined).map((row) => [row.name, row] as const))(
    "%s renews what it remembers of a position",
    async (_, row) => {
      const kernel = madeOf(row) as Kernel<Pair>;
      const [here, there] = [startOf(4), tree.map((leaf) => tf.mul(0.5, leaf), startOf(4) as TensorTree) as Pair];
      const moved = kernel.moveTo!(kernel.step(kernel.init(here), key)[0], there);
      const [after] = kernel.step(kernel.moveTo!(kernel.init(here), there), key);
      expect(numbers(moved.position)).toEqual(numbers(there));
      expectClose(after.position, kernel.step(kernel.init(there), key)[0].position, 5);
      // The same after the energy has changed, as the parameters of a model do.
      const changed = row.make((x) => tf.mul(3, energy(x)), 0.3) as Kernel<Pair>;
      const renewed = changed.moveTo!(kernel.init(here), here);
      expectClose(renewed, changed.init(here), 5);
      expectClose(changed.step(renewed, key)[0].position, changed.step(changed.init(here), key)[0].position, 5);
    },
  );
});
