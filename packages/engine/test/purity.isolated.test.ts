/**
 * Calls whose result a program would repeat are refused while recording. The error names the call
 * and the way out.
 */
import nodeCrypto from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { compile, exportOnnx, exportSavedModel, grad, record, TraceError, useEngine } from "../src/index.js";

type Impure = (x: tf.Tensor) => tf.Tensor;

const times = (x: tf.Tensor, factor: number): tf.Tensor => tf.mul(x, factor);

const draws: Readonly<Record<string, Impure>> = {
  "tf.randomNormal": (x) => tf.mul(x, tf.randomNormal([4])),
  "tf.randomStandardNormal": (x) => tf.mul(x, tf.randomStandardNormal([4])),
  "tf.randomUniform": (x) => tf.mul(x, tf.randomUniform([4])),
  "tf.randomUniformInt": (x) => tf.mul(x, tf.randomUniformInt([4], 0, 9)),
  "tf.truncatedNormal": (x) => tf.mul(x, tf.truncatedNormal([4])),
  "tf.randomGamma": (x) => tf.mul(x, tf.randomGamma([4], 1)),
  "tf.rand": (x) =>
    tf.mul(
      x,
      tf.rand([4], () => 1),
    ),
  "tf.dropout": (x) => tf.dropout(x, 0.5),
  "tf.multinomial": (x) => tf.multinomial(x as tf.Tensor1D, 2),
  "the kernel Multinomial": (x) =>
    tf
      .engine()
      .runKernel(
        tf.Multinomial,
        { logits: tf.reshape(x, [1, 4]) },
        { numSamples: 2, seed: 1, normalized: false },
      ) as tf.Tensor,
  "Math.random": (x) => times(x, Math.random()),
  "crypto.getRandomValues": (x) => times(x, crypto.getRandomValues(new Uint8Array(1))[0]!),
  "crypto.randomUUID": (x) => times(x, crypto.randomUUID().length),
  "crypto.randomBytes": (x) => times(x, nodeCrypto.randomBytes(1)[0]!),
  "crypto.randomInt": (x) => times(x, nodeCrypto.randomInt(9)),
};

/** A seed from a counter would be recorded as a constant. */
const seeded: Readonly<Record<string, Impure>> = {
  "tf.randomNormal": (x) => tf.mul(x, tf.randomNormal([4], 0, 1, "float32", 7)),
  "tf.randomStandardNormal": (x) => tf.mul(x, tf.randomStandardNormal([4], "float32", 7)),
  "tf.randomUniform": (x) => tf.mul(x, tf.randomUniform([4], 0, 1, "float32", 7)),
  "tf.randomUniformInt": (x) => tf.mul(x, tf.randomUniformInt([4], 0, 9, 7)),
  "tf.truncatedNormal": (x) => tf.mul(x, tf.truncatedNormal([4], 0, 1, "float32", 7)),
  "tf.randomGamma": (x) => tf.mul(x, tf.randomGamma([4], 1, 1, "float32", 7)),
  "tf.dropout": (x) => tf.dropout(x, 0.5, undefined, 7),
  "tf.multinomial": (x) => tf.multinomial(x as tf.Tensor1D, 2, 7),
};

const clocks: Readonly<Record<string, Impure>> = {
  "Date.now": (x) => times(x, Date.now()),
  "new Date()": (x) => times(x, new Date().getTime()),
  "Date()": (x) => times(x, Date().length),
  "performance.now": (x) => times(x, performance.now()),
  "process.hrtime": (x) => times(x, process.hrtime()[1]),
  "process.hrtime.bigint": (x) => times(x, Number(process.hrtime.bigint())),
  "process.uptime": (x) => times(x, process.uptime()),
  "tf.util.now": (x) => times(x, tf.util.now()),
};

/** The property descriptors of all places that are replaced. */
const places = (): unknown[] => [
  Object.getOwnPropertyDescriptor(globalThis, "Date"),
  Object.getOwnPropertyDescriptor(globalThis, "performance"),
  ...[Math, crypto, nodeCrypto, performance, process, process.hrtime, tf.env().platform, tf.engine()].map((owner) =>
    Object.entries(Object.getOwnPropertyDescriptors(owner)).filter(([, { value }]) => typeof value === "function"),
  ),
];

/**
 * An operation that cannot be recorded. Engines that run kernel by kernel then run the function
 * eagerly.
 */
const unrecorded = (x: tf.Tensor): tf.Tensor => tf.slice(tf.unique(x).values, [0], [1]);

describe.each(["cpu", "onnx"] as const)("a function compiled on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(Object.entries(draws))("does not draw with %s", async (call, fn) => {
    const message = new RegExp(`called ${call}\\..*same at every call.*random\\.normal\\(key, shape\\)`);
    await expect(compile(fn)(tf.ones([4]))).rejects.toThrow(TraceError);
    await expect(compile(fn)(tf.ones([4]))).rejects.toThrow(message);
  });

  it.each(Object.entries(seeded))("does not draw with %s and a seed", async (call, fn) => {
    await expect(compile(fn)(tf.ones([4]))).rejects.toThrow(`called ${call}.`);
  });

  it.each(Object.entries(clocks))("does not read %s", async (call, fn) => {
    const read = compile(fn)(tf.ones([4]));
    await expect(read).rejects.toThrow(`called ${call}. `);
    await expect(read).rejects.toThrow(/pass the time as an argument: tf\.scalar\(seconds\)/);
  });

  it("draws from keys instead: a Langevin step has the stationary spread of its discretisation", async () => {
    // x' = a x + b ξ is an AR(1) process with variance b² / (1 - a²). The sample sd of 4096
    // independent chains has a standard error of 1.1 %. An error beyond 6 of them has probability
    // 2e-9.
    const [a, b] = [0.8, 0.6];
    const step = compile((x: tf.Tensor, key: Key) => tf.add(tf.mul(a, x), tf.mul(b, random.normal(key, x.shape))));
    let x: tf.Tensor = tf.zeros([4096]);
    for (let i = 0; i < 60; i++) x = await step(x, random.fold(random.key(5), i));
    const sd = tf.sqrt(tf.mean(tf.square(x))).dataSync()[0]!;
    expect(Math.abs(sd / Math.sqrt(b ** 2 / (1 - a ** 2)) - 1)).toBeLessThan(6 * 0.011);
  });

  it("refuses inside gradients, too", async () => {
    const noisy = grad((x: tf.Tensor) => tf.sum(tf.mul(tf.square(x), tf.randomNormal([4]))));
    await expect(compile(noisy)(tf.ones([4]))).rejects.toThrow(/called tf\.randomNormal/);
    expect([...grad((x: tf.Tensor) => tf.sum(tf.square(x)))(tf.ones([2])).dataSync()]).toEqual([2, 2]);
  });

  it("may use what is no draw and no clock: dropout of nothing, times that are given, numbers drawn outside", async () => {
    const weights = tf.randomNormal([4], 0, 1, "float32", 1);
    const started = new Date(86_400_000);
    const fn = compile((x: tf.Tensor) => {
      const later = new Date(started.getTime() + Date.UTC(1970, 0, 2));
      return times(tf.mul(tf.dropout(x, 0), weights), later instanceof Date ? later.getUTCDate() : 0);
    });
    const expected = tf.mul(weights, 3).dataSync();
    expect((await fn(tf.ones([4]))).dataSync()).toEqual(expected);
  });

  it("may print", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const fn = compile((x: tf.Tensor) => {
      console.log("recording");
      return tf.neg(x);
    });
    expect((await fn(tf.scalar(1))).dataSync()[0]).toBe(-1);
    expect(log).toHaveBeenCalled();
    log.mockRestore();
  });
});

describe("a function that runs as it is on cpu", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each(Object.entries({ ...draws, ...clocks }))("obeys the same law: no %s", async (call, fn) => {
    await expect(compile((x: tf.Tensor) => tf.add(unrecorded(x), fn(x)))(tf.ones([4]))).rejects.toThrow(
      `called ${call}.`,
    );
  });

  it("leaves clocks and random numbers to the kernels it runs", async () => {
    const original = tf.getKernel(tf.Unique, "cpu");
    tf.unregisterKernel(tf.Unique, "cpu");
    const seen: number[] = [];
    tf.registerKernel({
      ...original,
      kernelFunc: (call) => {
        seen.push(Date.now(), new Date().getTime(), performance.now(), Math.random(), tf.util.now());
        return original.kernelFunc(call);
      },
    });
    try {
      const result = await compile(unrecorded)(tf.tensor1d([3, 3]));
      expect([...result.dataSync()]).toEqual([3]);
      expect(seen.every((value) => value > 0)).toBe(true);
      expect(seen).toHaveLength(5);
    } finally {
      tf.unregisterKernel(tf.Unique, "cpu");
      tf.registerKernel(original);
    }
  });
});

describe("exports and recordings", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  const options = { engine: "onnx", supports: () => true, alternatives: ["cpu"] };
  const args = (): [tf.Tensor] => [tf.ones([4])];

  it.each(Object.entries({ ...draws, ...clocks }))("refuse %s", (call, fn) => {
    for (const take of [exportOnnx, exportSavedModel]) expect(() => take(fn, args())).toThrow(`called ${call}.`);
    expect(() => record(fn, args(), options)).toThrow(`called ${call}.`);
  });

  it("leave every call in its place, also after a refusal and under fake timers", () => {
    const check = (): void => {
      const before = places();
      record(tf.neg, args(), options);
      for (const fn of Object.values({ ...draws, ...clocks }))
        expect(() => record(fn, args(), options)).toThrow(TraceError);
      expect(places()).toEqual(before);
    };
    check();
    expect([Math.random(), performance.now(), nodeCrypto.randomInt(1, 2), Number(new Date())].every((v) => v > 0)).toBe(
      true,
    );
    vi.useFakeTimers({ now: 1234 });
    try {
      check();
      expect(Date.now()).toBe(1234);
    } finally {
      vi.useRealTimers();
    }
  });
});
