/**
 * Persistent and short-run chains: the choice of starts, the positions written back, checkpoints,
 * and no attached graphs.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import {
  contrastiveRun,
  hmc,
  langevin,
  replayBuffer,
  runSteps,
  shortRun,
  type ReplayBufferOptions,
  type ReplayState,
} from "@ergodic/samplers";
import { decodeSafetensors, encodeSafetensors, type HostArray } from "@ergodic/formats";
import { enginesOnThisMachine, valuesOf } from "./support.js";

const key = random.key("replay");
const halfSquare = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(x), [1]));
const kernel = langevin({ energy: halfSquare, stepSize: 0.3 });
const uniformStart = (k: Key, n: number): tf.Tensor => random.uniform(k, [n, 2], { low: -1, high: 1 });
const [size, chains] = [40, 12];
const bufferOf = (options: Partial<ReplayBufferOptions> = {}) =>
  replayBuffer({ size, start: uniformStart, ...options });
const rowsOf = (x: tf.Tensor): number[][] => tf.reshape(x, [x.shape[0]!, -1]).arraySync() as number[][];
/** A buffer whose row i is (i, i). */
const numbered = (): ReplayState<tf.Tensor> => ({
  positions: tf.tile(tf.reshape(tf.range(0, size), [size, 1]), [1, 2]),
  ages: tf.fill([size], 3, "int32"),
});

describe.each(enginesOnThisMachine)("a replay buffer on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("takes positions without replacement and writes each back to its place, one older", async () => {
    const buffer = bufferOf({ reinitialise: 0 });
    const turn = compile((state: ReplayState<tf.Tensor>, k: Key) => {
      const drawn = buffer.draw(state, { count: chains, key: k });
      return { drawn, next: buffer.write(state, drawn, tf.add(drawn.positions, 100)) };
    });
    const { drawn, next } = await turn(numbered(), key);
    const taken = valuesOf(drawn.indices);
    expect(new Set(taken).size).toBe(chains);
    expect(rowsOf(drawn.positions)).toEqual(taken.map((i) => [i, i]));
    rowsOf(next.positions).forEach(([x], i) => expect(x).toBe(taken.includes(i) ? i + 100 : i));
    valuesOf(next.ages).forEach((age, i) => expect(age).toBe(taken.includes(i) ? 4 : 3));
    expect(next.ages.dtype).toBe("int32");
    expect(valuesOf(drawn.reinitialised)).toEqual([0]);
    expect(valuesOf((await turn(numbered(), random.key("other"))).drawn.indices)).not.toEqual(taken);
  });

  it("takes every position equally often", () => {
    const buffer = bufferOf({ reinitialise: 0 });
    const counts = new Array<number>(size).fill(0);
    const state = numbered();
    for (let t = 0; t < 500; t++) {
      valuesOf(buffer.draw(state, { count: chains, key: random.fold(key, t) }).indices).forEach((i) => counts[i]!++);
    }
    // 150 are expected each. The binomial standard error is 10.2. One of 40 counts exceeds 5 of
    // them with probability 2e-5.
    counts.forEach((count) => expect(Math.abs(count - 150)).toBeLessThan(52));
  });

  it("starts a share of them afresh, with age 0", () => {
    const buffer = replayBuffer({
      size: 4000,
      reinitialise: 0.3,
      start: (k, n) => random.normal(k, [n, 1], { mean: 50 }),
    });
    const state = { positions: tf.zeros([4000, 1]), ages: tf.fill([4000], 7, "int32") } as ReplayState<tf.Tensor>;
    const { positions, ages, reinitialised } = buffer.draw(state, { count: 4000, key });
    const fresh = valuesOf(positions).map((x) => x > 25);
    expect(valuesOf(ages)).toEqual(fresh.map((is) => (is ? 0 : 7)));
    const share = fresh.filter(Boolean).length / 4000;
    expect(valuesOf(reinitialised)[0]).toBeCloseTo(share, 6);
    expect(Math.abs(share - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / 4000));
  });

  it("a rate of 1 is a short run, draw for draw", async () => {
    const buffer = bufferOf({ reinitialise: 1 });
    const update = compile((state: ReplayState<tf.Tensor>, k: Key) =>
      buffer.update(state, kernel, { chains, steps: 5, key: k }),
    );
    const { negatives, report } = await update(buffer.init(random.key(1)), key);
    const short = await compile((k: Key) => shortRun(kernel, { start: uniformStart, chains, steps: 5, key: k }))(key);
    // An engine may round two programs of different size differently.
    const expected = valuesOf(short.position);
    valuesOf(negatives).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect(valuesOf(report.reinitialised)).toEqual([1]);
    expect(valuesOf(report.meanAge)[0]).toBeCloseTo(chains / size, 6);
  });

  it("a rate of 0 goes on with the chains it has, under the energy of now", async () => {
    // Two updates of the whole buffer. Every chain made 3 + 3 steps, the later ones towards another
    // centre.
    const buffer = bufferOf({ reinitialise: 0 });
    const descent = (centre: number) => hmc({ energy: (x) => halfSquare(tf.sub(x, centre)), stepSize: 0.5, steps: 4 });
    let state = buffer.init(random.key(1));
    for (const [t, centre] of [0, 30, 30, 30].entries()) {
      const { state: next, negatives } = buffer.update(state, descent(centre), {
        chains: size,
        steps: 8,
        key: random.fold(key, t),
      });
      // The negatives equal the written positions.
      expect(rowsOf(negatives).map(String).sort()).toEqual(rowsOf(next.positions).map(String).sort());
      state = next;
    }
    expect(valuesOf(state.ages)).toEqual(new Array(size).fill(4));
    // Gradients cached for centre 0 would move chains away from 30.
    const mean = valuesOf(tf.mean(state.positions))[0]!;
    expect(Math.abs(mean - 30)).toBeLessThan(5 / Math.sqrt(2 * size));
  });
});

describe("a replay buffer", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("augments what it kept and not what is fresh", () => {
    const augment = (x: tf.Tensor, k: Key) => tf.add(x, tf.add(1000, random.uniform(k, x.shape)));
    const buffer = bufferOf({ reinitialise: 0.5, augment });
    const { positions, ages } = buffer.draw(numbered(), { count: size, key });
    rowsOf(positions).forEach((row, i) => row.forEach((x) => expect(x > 999).toBe(valuesOf(ages)[i] === 3)));
  });

  it("renews what is too old", () => {
    const buffer = bufferOf({ reinitialise: 0, maxAge: 3 });
    expect(valuesOf(buffer.draw(numbered(), { count: chains, key }).reinitialised)).toEqual([1]);
    const young = { ...numbered(), ages: tf.fill([size], 2, "int32") } as ReplayState<tf.Tensor>;
    expect(valuesOf(buffer.draw(young, { count: chains, key }).reinitialised)).toEqual([0]);
  });

  it("holds no graph: a gradient taken around an update sees constants", () => {
    const buffer = bufferOf({ reinitialise: 0 });
    const loss = (scale: tf.Tensor) => {
      const tempting = langevin({ energy: (x: tf.Tensor) => tf.mul(scale, halfSquare(x)), stepSize: 0.5 });
      const { state, negatives } = buffer.update(numbered(), tempting, { chains: size, steps: 2, key });
      return tf.add(tf.add(tf.sum(state.positions), tf.sum(negatives)), tf.mul(2, scale));
    };
    expect(valuesOf(valueAndGrad(loss)(tf.scalar(0.7)).grad)).toEqual([2]);
  });

  it("is a plain tree of tensors that checkpoints keep bit for bit, so that a run continues exactly", async () => {
    type Pair = { a: tf.Tensor; b: tf.Tensor };
    const buffer = replayBuffer<Pair>({
      size,
      start: (k, n) => random.normalLike(k, { a: tf.zeros([n, 1]), b: tf.zeros([n, 2, 2]) }),
      reinitialise: 0.2,
    });
    const pairs = langevin<Pair>({
      energy: ({ a, b }) => tf.add(halfSquare(a), halfSquare(tf.reshape(b, [b.shape[0]!, 4]))),
      stepSize: 0.4,
    });
    const update = compile((state: ReplayState<Pair>, k: Key) =>
      buffer.update(state, pairs, { chains, steps: 3, key: k }),
    );
    const once = await update(buffer.init(random.key(1)), random.fold(key, 0));
    const names = tree.paths(once.state);
    expect(names).toEqual(["ages", "positions.a", "positions.b"]);
    const stored = tree.leaves(once.state).map((leaf, i): HostArray => ({
      name: names[i]!,
      dtype: leaf.dtype as "float32" | "int32",
      shape: leaf.shape,
      values: leaf.dataSync<"float32" | "int32">(),
    }));
    const loaded = decodeSafetensors(encodeSafetensors(stored)).map(({ values, shape, dtype }) =>
      tf.tensor(values as Float32Array, [...shape], dtype as "float32" | "int32"),
    );
    const restored = tree.unflatten(tree.structure(once.state), loaded) as ReplayState<Pair>;
    const [on, again] = [await update(once.state, random.fold(key, 1)), await update(restored, random.fold(key, 1))];
    const numbers = (values: TensorTree) => tree.leaves(values).flatMap(valuesOf);
    expect(numbers([again.state, again.negatives])).toEqual(numbers([on.state, on.negatives]));
    expect(numbers(on.state)).not.toEqual(numbers(once.state));
  });

  it("leaves no tensors behind", async () => {
    const buffer = bufferOf();
    const update = compile((state: ReplayState<tf.Tensor>, k: Key) =>
      buffer.update(state, kernel, { chains, steps: 2, key: k }),
    );
    let state = buffer.init(random.key(1));
    const before = tf.memory().numTensors;
    for (let t = 0; t < 5; t++) {
      const { state: next, ...rest } = await update(state, random.fold(key, t));
      tree.dispose([state, rest]);
      state = next;
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(update.programs).toBe(1);
  });

  it("names what is wrong", () => {
    expect(() => bufferOf({ size: 0 })).toThrow(/size is 0/);
    expect(() => bufferOf({ reinitialise: 1.1 })).toThrow(/reinitialise is 1.1/);
    expect(() => bufferOf({ maxAge: 0.5 })).toThrow(/maxAge is 0.5/);
    expect(() => bufferOf({ start: 3 as unknown as typeof uniformStart })).toThrow(/start is 3, expected a function/);
    expect(() => bufferOf({ start: (k) => uniformStart(k, 5) }).init(key)).toThrow(
      /start gave 5 positions, expected 40/,
    );
    expect(() => bufferOf().draw(numbered(), { count: 41, key })).toThrow(/count is 41, expected at most 40/);
  });
});

describe("short runs", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("without noise are a deterministic function of the start", () => {
    const quiet = langevin({ energy: halfSquare, stepSize: 0.4, withNoise: false });
    const { position } = shortRun(quiet, { start: uniformStart, chains: 6, steps: 10, key });
    const start = uniformStart(random.split(key)[0]!, 6);
    const expected = valuesOf(tf.mul(0.92 ** 10, start));
    valuesOf(position).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect(valuesOf(runSteps(quiet, start, { steps: 10, key: random.key(99) }).position)).toEqual(valuesOf(position));
  });

  it("from the data, plain or with noise of their own", () => {
    const data = tf.add(uniformStart(random.key(3), 500), 5);
    const plain = contrastiveRun(kernel, data, { steps: 2, key });
    expect(plain.positives).toBe(data);
    const walkKey = random.split(key)[1]!;
    expect(valuesOf(plain.negatives)).toEqual(valuesOf(runSteps(kernel, data, { steps: 2, key: walkKey }).position));
    const noisy = contrastiveRun(kernel, data, { steps: 2, key, dataNoise: 0.03 });
    const noise = valuesOf(tf.sub(noisy.positives, data));
    const sd = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
    expect(Math.abs(sd / 0.03 - 1)).toBeLessThan(5 / Math.sqrt(2 * noise.length));
    expect(valuesOf(noisy.negatives)).toEqual(
      valuesOf(runSteps(kernel, noisy.positives, { steps: 2, key: walkKey }).position),
    );
  });

  it("names what is wrong", () => {
    const options = { start: uniformStart, chains: 2, steps: 1, key };
    expect(() => shortRun(kernel, { ...options, chains: 0 })).toThrow(/chains is 0/);
    expect(() => shortRun(kernel, { ...options, steps: 0 })).toThrow(/steps is 0/);
    expect(() => contrastiveRun(kernel, tf.zeros([2, 2]), { steps: 1, key, dataNoise: -1 })).toThrow(/dataNoise is -1/);
  });
});
