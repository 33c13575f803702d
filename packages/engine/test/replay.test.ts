/**
 * Replay on the plain backend gives the numbers of the eager run, bit for bit, and leaks nothing.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, TraceError, useEngine, valueAndGrad } from "../src/index.js";
import { fedWith } from "../src/programs/feeds.js";
import { cleanUp } from "../src/passes/index.js";
import { trace } from "../src/recorder/record.js";
import { replayExecutor } from "../src/replay/executor.js";
import { tidy } from "../src/tidy.js";

const options = { engine: "cpu", supports: () => true, alternatives: [] };

/** Bits as text, so that a failure shows numbers. -0 and 0 differ. */
const bits = (t: tf.Tensor): string =>
  `${t.dtype}[${t.shape.join()}] ${Array.from(t.dataSync(), (v) => (Object.is(v, -0) ? "-0" : String(v))).join(" ")}`;

const energy = (w: readonly tf.Tensor2D[], x: tf.Tensor): tf.Tensor =>
  tf.reshape(
    w.reduce((h: tf.Tensor, weight, i) => {
      const next = tf.matMul(h as tf.Tensor2D, weight);
      return i + 1 < w.length ? tf.leakyRelu(next, 0.2) : next;
    }, x),
    [-1],
  );

const langevinStep = (w: readonly tf.Tensor2D[], x: tf.Tensor, key: Key): tf.Tensor => {
  const slope = grad((at: tf.Tensor) => tf.sum(energy(w, at)))(x);
  return tf.add(tf.sub(x, tf.mul(0.08, slope)), random.normal(key, x.shape, { sd: 0.4 }));
};

const chain = (w: readonly tf.Tensor2D[], x: tf.Tensor, key: Key): tf.Tensor =>
  random.split(key, 4).reduce((at, child) => langevinStep(w, at, child), x);

const weights = (): tf.Tensor2D[] =>
  [
    [5, 6],
    [6, 6],
    [6, 1],
  ].map((shape, i) => random.normal(random.fold(random.key(3), i), shape) as tf.Tensor2D);

/**
 * A program is a list of unary and binary operations on earlier results. Many of them change
 * nothing.
 */
type Operation = (...xs: tf.Tensor[]) => tf.Tensor;
const unary: readonly Operation[] = [
  (x) => tf.neg(x!),
  (x) => tf.exp(x!),
  (x) => tf.relu(x!),
  (x) => tf.mul(x!, 1),
  (x) => tf.mul(tf.onesLike(x!), x!),
  (x) => tf.div(x!, tf.ones([3])),
  (x) => tf.sub(x!, 0),
  (x) => tf.add(x!, tf.zerosLike(x!)),
  (x) => tf.mul(x!, tf.sub(tf.tile(tf.tensor1d([1]), [3]), 2)),
  (x) => tf.reshape(tf.reshape(x!, [-1]), x!.shape),
  (x) => tf.transpose(tf.transpose(x!)),
  (x) => tf.reshape(tf.transpose(tf.expandDims(tf.transpose(x!), 0), [0, 2, 1]), x!.shape),
  (x) => tf.squeeze(tf.max(tf.expandDims(x!, 1), 1)),
  (x) => tf.squeeze(tf.sum(tf.expandDims(x!, 2), 2)),
  (x) => tf.slice(x!, [0, 0], [-1, -1]),
  (x) => tf.tile(x!, [1, 1]),
  (x) => tf.reverse(tf.reverse(x!, [0]), [0]),
  (x) => tf.concat([x!], 0),
  (x) => tf.split(x!, [1, 2], 1).reduce((a, b) => tf.concat([b, a], 1)),
  (x) => tf.where(tf.greater(tf.ones([2, 3]), 0), x!, tf.neg(x!)),
  (x) => tf.where(tf.greater(x!, 0), x!, tf.mul(x!, 0.2)),
  (x) => tf.cast(tf.cast(x!, "float32"), "float32"),
  (x) =>
    tf.pad(x!, [
      [0, 0],
      [0, 0],
    ]),
  (x) => grad((y: tf.Tensor) => tf.mean(tf.mul(tf.sigmoid(y), y)))(x!),
];
const binary: readonly Operation[] = [
  (a, b) => tf.add(a!, b!),
  (a, b) => tf.sub(a!, b!),
  (a, b) => tf.mul(a!, b!),
  (a, b) => tf.maximum(a!, b!),
  (a, b) => tf.matMul(tf.matMul(a! as tf.Tensor2D, b! as tf.Tensor2D, false, true), b! as tf.Tensor2D),
];
const operations = [...unary, ...binary, ...binary];
const programs = fc.array(fc.tuple(fc.nat(operations.length - 1), fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 });

const runProgram =
  (steps: readonly (readonly [number, number, number])[]) =>
  (x: tf.Tensor, y: tf.Tensor): tf.Tensor[] => {
    const values = [x, y];
    for (const [operation, i, j] of steps) {
      values.push(operations[operation]!(values[i % values.length]!, values[j % values.length]!));
    }
    return values.slice(2);
  };

describe("replay", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("gives the bits of the eager run for random programs, with and without passes", async () => {
    const executor = replayExecutor("cpu");
    const inputs = [tf.tensor2d([0, -0, 1.5, -2, 1e-40, 3e8], [2, 3]), random.normal(random.key(1), [2, 3])];
    const property = fc.asyncProperty(programs, async (steps) => {
      const before = tf.memory();
      const fn = runProgram(steps);
      const expected = tidy(() => fn(inputs[0]!, inputs[1]!).map(bits));
      const call = trace(fn, inputs, options);
      for (const graph of [call.graph, cleanUp(call.graph)]) {
        const program = await executor.load(graph);
        const outputs = await fedWith({ ...call, graph })(inputs, (feeds) => program.run(feeds));
        expect(outputs.map(bits)).toEqual(expected);
        tf.dispose(outputs);
        await program.dispose();
      }
      expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
    });
    await fc.assert(property, { seed: 4, numRuns: 150 });
  });

  it("gives the bits of the eager run for a chain with gradients and noise", async () => {
    const [w, x, key] = [weights(), random.normal(random.key(5), [7, 5]), random.key(6)];
    const compiled = compile(chain);
    expect(bits(await compiled(w, x, key))).toBe(bits(chain(w, x, key)));
    expect(bits(await compiled(w, x, random.key(7)))).not.toBe(bits(chain(w, x, key)));
  });

  it("frees intermediates as soon as they were read, and counts nothing but its results", async () => {
    const compiled = compile(chain);
    const [w, x] = [weights(), random.normal(random.key(5), [7, 5])];
    (await compiled(w, x, random.key(0))).dispose();
    const before = tf.memory();
    const data = tf.backend().numDataIds();
    let most = 0;
    const sum = tf.getKernel("Add", "cpu");
    const watched: tf.KernelConfig = {
      ...sum,
      kernelFunc: (call) => {
        most = Math.max(most, tf.backend().numDataIds() - data);
        return sum.kernelFunc(call);
      },
    };
    tf.unregisterKernel("Add", "cpu");
    tf.registerKernel(watched);
    try {
      (await compiled(w, x, random.key(1))).dispose();
    } finally {
      tf.unregisterKernel("Add", "cpu");
      tf.registerKernel(sum);
    }
    // Four draws, written before the first step, and the values that one step holds at once. The 4
    // steps create 68 intermediate values.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(4 + 4);
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
    expect(tf.backend().numDataIds()).toBe(data);
  });

  it("returns fresh tensors: for arguments, constants, and one result asked for twice", async () => {
    const compiled = compile((x: tf.Tensor) => {
      const y = tf.exp(x);
      return { x, again: x, y, twice: y, one: tf.ones([2]), reshaped: tf.reshape(x, [2, 1]) };
    });
    const x = tf.tensor1d([1, 2]);
    for (let call = 0; call < 2; call++) {
      const before = tf.memory().numTensors;
      const { x: same, again, y, twice, one, reshaped } = await compiled(x);
      expect(new Set([x, same, again, y, twice, one, reshaped]).size).toBe(7);
      same.dispose();
      y.dispose();
      expect([again, twice, one, reshaped].map((t) => [...t.dataSync()])).toEqual([
        [1, 2],
        [Math.E, Math.E ** 2].map(Math.fround),
        [1, 1],
        [1, 2],
      ]);
      tf.dispose([again, twice, one, reshaped]);
      expect([...x.dataSync()]).toEqual([1, 2]);
      expect(tf.memory().numTensors).toBe(before);
    }
    await compiled.dispose();
  });

  it("runs on its own backend whichever is in use", async () => {
    tf.registerBackend("elsewhere", () => Object.create(tf.findBackend("cpu")) as tf.KernelBackend);
    const { graph } = trace((x: tf.Tensor) => tf.abs(tf.neg(x)), [tf.ones([2])], options);
    const program = await replayExecutor("cpu").load(graph);
    await tf.setBackend("elsewhere");
    try {
      const outputs = await program.run([tf.tensor1d([3, -4])]);
      expect(tf.getBackend()).toBe("elsewhere");
      expect([...outputs[0]!.dataSync()]).toEqual([3, 4]);
    } finally {
      await tf.setBackend("cpu");
      tf.removeBackend("elsewhere");
    }
  });

  it("runs a function it cannot record as it is, and tries to record it once only", async () => {
    let calls = 0;
    const distinct = compile((x: tf.Tensor) => {
      calls += 1;
      return { values: tf.unique(x).values, x };
    });
    const x = tf.tensor1d([3, 3, 1]);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      const result = await distinct(x);
      expect([...result.values.dataSync()]).toEqual([3, 1]);
      tf.dispose(result);
    }
    expect(calls).toBe(4);
    expect(distinct.programs).toBe(0);
    expect([...x.dataSync()]).toEqual([3, 3, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("does not run a function whose recording failed for another reason", async () => {
    const reading = compile((x: tf.Tensor) => tf.scalar(tf.sum(x).dataSync()[0]!));
    await expect(reading(tf.ones([2]))).rejects.toThrow(TraceError);
    const wrong = compile((x: tf.Tensor) => valueAndGrad((y: tf.Tensor) => y)(x));
    await expect(wrong(tf.ones([2]))).rejects.toThrow(/expected a scalar/);
    expect(tf.getBackend()).toBe("cpu");
  });
});
