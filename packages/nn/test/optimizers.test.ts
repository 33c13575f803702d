/**
 * Adam and SGD compared with PyTorch number for number, schedules with their formulas, clipping,
 * and no leaks.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine } from "@ergodic/engine";
import { ValidationError, type Schedule } from "@ergodic/tensor";
import {
  adam,
  clipByGlobalNorm,
  constant,
  cosine,
  exponentialDecay,
  globalNorm,
  linearDecay,
  linearWarmup,
  sgd,
  stepDecay,
  type AdamState,
} from "@ergodic/nn";
import { enginesOnThisMachine, relativeError, valuesOf } from "./support.js";

/*
 * Golden values, PyTorch 2.13.0, float32:
 *   p = torch.tensor([0.5, -1.25, 2.0], requires_grad=True)
 *   o = torch.optim.Adam([p], lr=0.01, betas=(0.5, 0.999), eps=1e-8,
 *     weight_decay=wd, foreach=False)
 *   for t in range(1, 201):
 *       p.grad = (p.detach() - 1.0) * torch.tensor([1.0, 0.01, 100.0]) * (1.0 if t % 3 else -0.5)
 *       o.step()
 */
const golden = {
  0: {
    1: [0.50999999, -1.24000001, 1.99000001],
    2: [0.519965887, -1.23000741, 1.98001683],
    10: [0.561167181, -1.18811393, 1.9383626],
    200: [0.992371082, -0.244755179, 1.2045027],
  },
  0.1: {
    1: [0.50999999, -1.24000001, 1.99000001],
    2: [0.519958019, -1.23001254, 1.98001683],
    10: [0.554027081, -1.15301239, 1.93824625],
    200: [0.833987713, -0.0859001651, 1.20253325],
  },
} as const;

describe.each(enginesOnThisMachine)("optimisers on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([0, 0.1] as const)("adam is PyTorch's Adam, weight decay %f", async (weightDecay) => {
    const optimizer = adam({ learningRate: 0.01, beta1: 0.5, weightDecay });
    type State = { p: { x: tf.Tensor }; optimizer: AdamState };
    const update = compile((state: State, scale: tf.Tensor): State => {
      const grads = { x: tf.mul(tf.sub(state.p.x, 1), scale) };
      const next = optimizer.update(state.p, grads, state.optimizer);
      return { p: next.params, optimizer: next.state };
    });
    const p = { x: tf.tensor1d([0.5, -1.25, 2]) };
    let state: State = { p, optimizer: optimizer.init(p) };
    const [forward, backward] = [tf.tensor1d([1, 0.01, 100]), tf.tensor1d([-0.5, -0.005, -50])];
    for (let t = 1; t <= 200; t++) {
      state = await update(state, t % 3 === 0 ? backward : forward);
      const expected = golden[weightDecay][t as 1];
      // 200 float32 updates of 0.01 accumulate some rounding. The first ones must agree to the last
      // digits.
      if (expected) expect(relativeError(valuesOf(state.p.x), expected)).toBeLessThan(t < 200 ? 2e-7 : 2e-6);
    }
    expect(valuesOf(state.optimizer.step)).toEqual([200]);
    if (engine === "onnx") expect(update.programs).toBe(1);
  });

  it("sgd with momentum is PyTorch's", async () => {
    // torch.optim.SGD([p], lr=0.01, momentum=0.9), ten steps with p.grad = (p - 1) * [1, 0.01, 10]
    const optimizer = sgd({ learningRate: 0.01, momentum: 0.9 });
    const update = compile((p: tf.Tensor, state: ReturnType<typeof optimizer.init>) =>
      optimizer.update(p, tf.mul(tf.sub(p, 1), tf.tensor1d([1, 0.01, 10])), state),
    );
    let p: tf.Tensor = tf.tensor1d([0.5, -1.25, 2]);
    let state = optimizer.init(p);
    for (let t = 0; t < 10; t++) ({ params: p, state } = await update(p, state));
    expect(relativeError(valuesOf(p), [0.689460456, -1.2406975, 0.411210626])).toBeLessThan(5e-7);
  });

  it("sgd without momentum is p - lr g", async () => {
    const optimizer = sgd({ learningRate: stepDecay({ initial: 1, factor: 0.5, every: 1 }) });
    const update = compile((p: tf.Tensor, state: ReturnType<typeof optimizer.init>) =>
      optimizer.update(p, tf.onesLike(p), state),
    );
    let p: tf.Tensor = tf.tensor1d([4]);
    let state = optimizer.init(p);
    for (let t = 0; t < 3; t++) ({ params: p, state } = await update(p, state));
    expect(valuesOf(p)).toEqual([4 - 1 - 0.5 - 0.25]);
  });

  it.each<[string, Schedule, (step: number) => number]>([
    ["constant", constant(0.3), () => 0.3],
    ["exponentialDecay", exponentialDecay({ initial: 2, factor: 0.9, every: 10 }), (t) => 2 * 0.9 ** (t / 10)],
    [
      "exponentialDecay with a floor",
      exponentialDecay({ initial: 2, factor: 0.5, floor: 0.1 }),
      (t) => Math.max(2 * 0.5 ** t, 0.1),
    ],
    ["stepDecay", stepDecay({ initial: 1e-3, factor: 0.998, every: 7 }), (t) => 1e-3 * 0.998 ** Math.floor(t / 7)],
    [
      "cosine",
      cosine({ initial: 1, final: 0.2, steps: 40 }),
      (t) => 0.6 + 0.4 * Math.cos(Math.PI * Math.min(t / 40, 1)),
    ],
    [
      "linearDecay",
      linearDecay({ initial: 1, after: 2, over: 4, final: 0.2, every: 7 }),
      (t) => 1 - 0.8 * Math.min(Math.max(Math.floor(t / 7) - 2, 0) / 4, 1),
    ],
    ["linearWarmup", linearWarmup({ steps: 4, then: 0.8 }), (t) => 0.8 * Math.min((t + 1) / 4, 1)],
    [
      "linearWarmup of a schedule",
      linearWarmup({ steps: 10, then: exponentialDecay({ initial: 1, factor: 0.5, every: 50 }) }),
      (t) => Math.min((t + 1) / 10, 1) * 0.5 ** (t / 50),
    ],
  ])("schedule %s", async (_name, schedule, formula) => {
    const rate = compile((step: tf.Scalar) => schedule(step));
    for (const step of [0, 1, 3, 6, 7, 13, 14, 41, 700]) {
      const [value] = valuesOf(await rate(tf.scalar(step)));
      expect(Math.abs(value! / formula(step) - 1), `step ${step}`).toBeLessThan(2e-6);
    }
  });

  it("decays like the rates of CycleCoopNets: 50 epochs constant, 50 epochs linear", async () => {
    const every = 1231;
    const [translator, energy] = [0, 1e-5].map((final) =>
      linearDecay({ initial: 2e-4, after: 50, over: 50, final, every }),
    );
    const rates = compile((step: tf.Scalar) => [translator!(step), energy!(step)]);
    for (const [epoch, ...expected] of [
      [0, 2e-4, 2e-4],
      [50, 2e-4, 2e-4],
      [75, 1e-4, 1.05e-4],
      [99, 4e-6, 1.38e-5],
    ] as const)
      for (const step of [epoch * every, epoch * every + every - 1]) {
        const found = (await rates(tf.scalar(step))).map((rate) => valuesOf(rate)[0]!);
        found.forEach((rate, i) => expect(Math.abs(rate / expected[i]! - 1)).toBeLessThan(1e-5));
      }
  });

  it("clips by the norm of the whole tree", async () => {
    const clip = compile((g: { a: tf.Tensor; b: tf.Tensor[] }) => ({
      norm: globalNorm(g),
      clipped: clipByGlobalNorm(g, 6.5),
    }));
    const long = await clip({ a: tf.tensor1d([3, 4]), b: [tf.tensor2d([[0], [12]])] });
    expect(valuesOf(long.norm)).toEqual([13]);
    expect([...valuesOf(long.clipped.a), ...valuesOf(long.clipped.b[0]!)]).toEqual([1.5, 2, 0, 6]);
    const short = await clip({ a: tf.tensor1d([0.3, 0.4]), b: [tf.zeros([2, 1])] });
    expect(relativeError(valuesOf(short.clipped.a), [0.3, 0.4])).toBeLessThan(1e-7);
    const none = await clip({ a: tf.zeros([2]), b: [tf.zeros([2, 1])] });
    expect(valuesOf(none.clipped.a)).toEqual([0, 0]);
  });

  // hypot in float64. √2 · 1e25 and 13e-30 are float32 numbers, but squares of 1e25 and 1e-30 are
  // not. √2 · 3e38 is not.
  it.each([
    [[1e25, 1e25], Math.SQRT2 * 1e25, 1, [Math.SQRT1_2, Math.SQRT1_2]],
    [[3e38, -3e38], Infinity, 2, [Math.SQRT2, -Math.SQRT2]],
    [[3e-30, 4e-30, 12e-30], 13e-30, 6.5e-30, [1.5e-30, 2e-30, 6e-30]],
    [[3e-30, 4e-30, 12e-30], 13e-30, 1, [3e-30, 4e-30, 12e-30]],
    [[1e30, 1, 0], 1e30, 10, [10, 1e-29, 0]],
  ])("norms and clips %j without overflow", async (gradient, norm, maxNorm, clipped) => {
    const clip = compile((g: { w: tf.Tensor }[]) => ({ norm: globalNorm(g), clipped: clipByGlobalNorm(g, maxNorm) }));
    for (const parts of [[gradient], gradient.map((value) => [value])]) {
      const result = await clip(parts.map((part) => ({ w: tf.tensor1d(part) })));
      const got = result.clipped.flatMap(({ w }) => [...w.dataSync()]);
      expect(norm === Infinity ? result.norm.dataSync()[0] : result.norm.dataSync()[0]! / norm).toBeCloseTo(
        norm === Infinity ? Infinity : 1,
        6,
      );
      expect(relativeError(got, clipped)).toBeLessThan(1e-6);
    }
    await clip.dispose();
  });

  it("has no norm and no clipped gradient where a number is none, and a norm of infinity", async () => {
    const clip = compile((g: tf.Tensor) => ({ norm: globalNorm(g), clipped: clipByGlobalNorm(g, 1) }));
    const undefinedOne = await clip(tf.tensor1d([1, NaN]));
    expect(valuesOf(undefinedOne.norm)).toEqual([NaN]);
    expect(valuesOf(undefinedOne.clipped)[1]).toBeNaN();
    expect(valuesOf((await clip(tf.tensor1d([1, -Infinity]))).norm)).toEqual([Infinity]);
  });

  it("gives the norm the subgradient 0 at 0, and the unit vector elsewhere", async () => {
    const slope = compile((x: tf.Tensor) => grad((y: tf.Tensor) => globalNorm(y))(x));
    expect(valuesOf(await slope(tf.zeros([2])))).toEqual([0, 0]);
    expect(relativeError(valuesOf(await slope(tf.tensor1d([3, -4]))), [0.6, -0.8])).toBeLessThan(1e-6);
  });

  it("leaves no tensors behind over 50 updates", async () => {
    const optimizer = adam({ learningRate: 0.01 });
    const update = compile((p: tf.Tensor, state: AdamState) => optimizer.update(p, p, state));
    let p: tf.Tensor = tf.ones([3]);
    let state = optimizer.init(p);
    const counts: number[] = [];
    for (let t = 0; t < 50; t++) {
      const next = await update(p, state);
      tf.dispose([p, state.step, state.first, state.second] as tf.TensorContainer);
      ({ params: p, state } = next);
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts.slice(1)).size).toBe(1);
  });
});

describe("options", () => {
  it.each([
    [() => adam({ learningRate: -1 }), /learningRate is -1/],
    [() => adam({ learningRate: 1, beta1: 1 }), /beta1 is 1/],
    [() => adam({ learningRate: 1, epsilon: 0 }), /epsilon is 0/],
    [() => adam({ learningRate: 1, weightDecay: NaN }), /weightDecay is NaN/],
    [() => sgd({ learningRate: 1, momentum: 1 }), /momentum is 1/],
    [() => stepDecay({ initial: 1, factor: 0 }), /factor is 0/],
    [() => cosine({ initial: 1, steps: 0 }), /steps is 0/],
    [() => linearDecay({ initial: 1, over: 0 }), /over is 0/],
    [() => clipByGlobalNorm(tf.scalar(1), 0), /maxNorm is 0/],
  ])("are checked (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
