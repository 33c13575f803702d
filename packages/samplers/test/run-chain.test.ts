/**
 * Running chains: results independent of the grouping of steps, records, ownership of tensors, and
 * no leaks.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, ValidationError, type Key } from "@ergodic/tensor";
import { compileChain, langevin, runChain, runSteps, sample } from "@ergodic/samplers";
import { summarizeWhileSampling } from "@ergodic/samplers/streaming";
import { enginesOnThisMachine, valuesOf } from "./support.js";

const energy = (x: tf.Tensor): tf.Tensor => tf.sum(tf.sub(tf.cosh(x), 1), [1]);
const kernel = langevin({ energy, stepSize: 0.3 });
const key = random.key("chains");

describe.each(enginesOnThisMachine)("running chains on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("gives the same chain in any grouping, and as runSteps inside compile", async () => {
    const initial = random.normal(random.key(1), [5, 2]);
    const run = async (stepsPerCall: number) =>
      valuesOf((await runChain(kernel, { initial, steps: 11, key, stepsPerCall })).position);
    const single = await run(1);
    expect(await run(4)).toEqual(single);
    expect(await run(64)).toEqual(single);
    const whole = compile((x: tf.Tensor, k: Key) => runSteps(kernel, x, { steps: 11, key: k }));
    expect(valuesOf((await whole(initial, key)).position)).toEqual(single);
  });

  it("the same key gives bit-identical chains, another key another chain", async () => {
    const initial = tf.zeros([3, 2]);
    const run = async (seed: number) =>
      valuesOf((await runChain(kernel, { initial, steps: 6, key: random.key(seed) })).position);
    expect(await run(7)).toEqual(await run(7));
    expect(await run(7)).not.toEqual(await run(8));
  });

  it("records every so many steps, without changing the chain", async () => {
    const initial = random.normal(random.key(2), [4, 2]);
    const plain = await runChain(kernel, { initial, steps: 10, key });
    const recorded = await runChain(kernel, { initial, steps: 10, key, every: 4 });
    expect(plain.records).toEqual([]);
    expect(recorded.records.map(({ step }) => step)).toEqual([4, 8]);
    expect(valuesOf(recorded.position)).toEqual(valuesOf(plain.position));
    const four = await runChain(kernel, { initial, steps: 4, key });
    expect(valuesOf(recorded.records[0]!.position)).toEqual(valuesOf(four.position));
    expect(valuesOf(recorded.records[0]!.info.energy)).toEqual(valuesOf(four.info.energy));
  });

  it("keeps the initial position, and everything returned can be freed apart", async () => {
    const initial = tf.zeros([4, 2]);
    const result = await runChain(kernel, { initial, steps: 3, key, every: 1 });
    expect(initial.isDisposed).toBe(false);
    tree.dispose(result.records.map(({ position, info }) => [position, info]));
    expect(result.position.isDisposed).toBe(false);
    expect(result.info.energy.isDisposed).toBe(false);
  });

  it("leaves no tensors behind, over 200 steps and 20 runs of a compiled chain", async () => {
    const runner = compileChain(kernel);
    const initial = tf.zeros([4, 2]);
    tree.dispose(await runner.run({ initial, steps: 9, key }));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++)
      tree.dispose(await runner.run({ initial, steps: 9, key: random.fold(key, i), every: 3 }));
    tree.dispose(await runner.run({ initial, steps: 200, key }));
    expect(tf.memory().numTensors).toBe(before);
    await runner.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("chains that leave for infinity", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  // A step from 30 leads to 30 - 0.045 sinh(30), about -2e11, and the next one to infinity. A step
  // from 9 leads to -173, and the next one to 1e73, which exceeds float32.
  const start = () => tf.tensor2d([0, 0, 30, 0, 0, 9], [3, 2]);
  const message =
    /^2 of 3 chains diverged to infinity, the first at step 2, expected positions that stay finite; take smaller/;

  it.each([1, 3, 8])(
    "are an error of runChain that says how many, when, and what helps (%i steps a call)",
    async (n) => {
      const initial = start();
      const runner = compileChain(kernel, { stepsPerCall: n });
      const run = async (every?: number) =>
        runner.run({ initial, steps: 11, key, ...(every !== undefined && { every }) });
      await expect(run()).rejects.toThrow(message);
      const before = tf.memory().numTensors;
      await expect(run(1)).rejects.toThrow(ValidationError);
      await expect(run(4)).rejects.toThrow(message);
      expect(tf.memory().numTensors).toBe(before);
      await runner.dispose();
    },
  );

  it("are an error of sample and of summarizeWhileSampling too", async () => {
    const initial = start();
    await expect(sample(kernel, { initial, draws: 20, key })).rejects.toThrow(message);
    await expect(summarizeWhileSampling(kernel, { initial, draws: 40, key })).rejects.toThrow(message);
    const tempted = summarizeWhileSampling(langevin({ energy, stepSize: 1.99, noise: 3 }), {
      initial: tf.zeros([2, 2]),
      draws: 400,
      key,
    });
    await expect(tempted).rejects.toThrow(/[12] of 2 chains diverged to infinity, the first at step \d+/);
  });
});

describe("failures", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each([
    [{ steps: 0 }, /steps is 0/],
    [{ steps: 2.5 }, /steps is 2.5/],
    [{ steps: 3, every: 0 }, /every is 0/],
    [{ steps: 3, stepsPerCall: -1 }, /stepsPerCall is -1/],
  ])("counts are checked (%#)", async (counts, message) => {
    const run = async () => runChain(kernel, { initial: tf.zeros([1, 2]), key, ...counts });
    await expect(run()).rejects.toThrow(ValidationError);
    await expect(run()).rejects.toThrow(message);
  });

  it("leave no tensors behind", async () => {
    // The energy is recorded twice in a block of two steps, and once more in the single remaining
    // step.
    let calls = 0;
    const failing = langevin({ energy: (x) => (++calls > 2 ? x : tf.sum(x, [1])), stepSize: 0.1 });
    const initial = tf.zeros([4, 2]);
    const before = tf.memory().numTensors;
    const run = runChain(failing, { initial, steps: 5, key, stepsPerCall: 2, every: 2 });
    await expect(run).rejects.toThrow(/has shape \[4,2\], expected \[4\]/);
    expect(calls).toBe(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("runSteps needs at least one step", () => {
    expect(() => runSteps(kernel, tf.zeros([1, 2]), { steps: 0, key })).toThrow(/steps is 0/);
  });

  it("names leaves that disagree about the number of chains", async () => {
    const pair = langevin<tf.Tensor[]>({ energy: (x) => tf.sum(x[0]!, [1]), stepSize: 0.1 });
    const initial = [tf.zeros([2, 1]), tf.zeros([3, 1])];
    await expect(runChain(pair, { initial, steps: 1, key })).rejects.toThrow(/\[2,1\], \[3,1\].*same first axis/);
  });
});
