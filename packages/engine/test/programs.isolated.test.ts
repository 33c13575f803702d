/**
 * The life cycle of programs: bounded in number, shared by concurrent calls, freed when idle. Also
 * their failures.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, tree, type Key } from "@ergodic/tensor";
import fc from "fast-check";
import { InferenceSession } from "onnxruntime-node";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { compile, debug, disposeEngine, EngineError, grad, printGraph, TraceError, useEngine } from "../src/index.js";
import type { Program } from "../src/executor.js";
import { explainFailure } from "../src/failure.js";
import { LruCache } from "../src/programs/lru-cache.js";
import { SharedProgram } from "../src/programs/shared-program.js";
import { record } from "../src/recorder/record.js";
import { inRuntime } from "./ways.js";

afterEach(() => {
  vi.restoreAllMocks();
  debug(false);
});

/** Replaces a kernel of the plain backend for one test. */
async function withKernel(kernelName: string, kernelFunc: tf.KernelFunc, job: () => Promise<void>): Promise<void> {
  const original = tf.getKernel(kernelName, "cpu");
  tf.unregisterKernel(kernelName, "cpu");
  tf.registerKernel({ ...original, kernelFunc });
  try {
    await job();
  } finally {
    tf.unregisterKernel(kernelName, "cpu");
    tf.registerKernel(original);
  }
}

const promised = <T>(): { promise: Promise<T>; resolve: (value: T) => void } => {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
};

describe("the cache of programs", () => {
  it("lets go of what was not asked for the longest time", () => {
    const gone: number[] = [];
    const cache = new LruCache<string, number>(2, (value) => gone.push(value));
    cache.set("a", 1);
    cache.set("b", 2);
    expect(cache.get("a")).toBe(1);
    cache.set("c", 3);
    expect(gone).toEqual([2]);
    expect(cache.get("b")).toBeUndefined();
    expect(cache.drain()).toEqual([1, 3]);
    expect(cache.get("a")).toBeUndefined();
    expect(gone).toEqual([2]);
  });
});

describe("a shared program", () => {
  const fake = () => {
    const dispose = vi.fn(async () => {});
    const program: Program = { run: async () => [], dispose };
    return { program, dispose, load: vi.fn(async () => program) };
  };

  it("is loaded once for calls that overlap, and freed after the last of them", async () => {
    const { load, dispose, program } = fake();
    const shared = new SharedProgram(load);
    const [first, second] = [promised<number>(), promised<number>()];
    const uses = [shared.use(() => first.promise), shared.use(() => second.promise)];
    const unloaded = shared.unload();
    first.resolve(1);
    expect(await uses[0]).toBe(1);
    expect(dispose).not.toHaveBeenCalled();
    second.resolve(2);
    expect(await uses[1]).toBe(2);
    await unloaded;
    expect(load).toHaveBeenCalledTimes(1);
    expect(dispose).toHaveBeenCalledTimes(1);
    expect(await shared.use(async (loaded) => loaded)).toBe(program);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("is freed after calls that fail, and loads again after it failed to load", async () => {
    const { load, dispose } = fake();
    load.mockRejectedValueOnce(new Error("no memory"));
    const shared = new SharedProgram(load);
    const failing = [shared.use(async () => 1), shared.use(async () => 2)];
    for (const use of failing) await expect(use).rejects.toThrow("no memory");
    await shared.unload();
    expect(await shared.use(async () => 3)).toBe(3);
    await expect(shared.use(() => Promise.reject(new Error("run")))).rejects.toThrow("run");
    await shared.unload();
    expect(dispose).toHaveBeenCalledTimes(1);
    await shared.unload();
    expect(dispose).toHaveBeenCalledTimes(1);
  });
});

describe.each(["cpu", "onnx"] as const)("programs on %s", (engine) => {
  beforeEach(async () => {
    await useEngine(engine);
  });

  it("are recorded for plain values and shapes, not for rates, keys and counts in tensors", async () => {
    const update = compile((w: tf.Tensor, rate: tf.Tensor, step: tf.Tensor, key: Key, momentum: number) => {
      const slope = grad((at: tf.Tensor) => tf.sum(tf.square(at)))(w);
      const noise = tf.mul(random.normal(key, w.shape), tf.div(momentum, step));
      return { w: tf.add(tf.sub(w, tf.mul(rate, slope)), noise), step: tf.add(step, 1) };
    });
    const call = async (size: number, i: number, momentum: number) => {
      const args = [tf.ones([size]), tf.scalar(0.1 / (i + 1)), tf.scalar(i + 1), random.key(i)] as const;
      const result = await update(...args, momentum);
      const numbers = [...result.w.dataSync()];
      tree.dispose([args, result]);
      return numbers;
    };
    const results = [];
    for (let i = 0; i < 5; i++) results.push(await call(3, i, 0.9));
    expect(update.programs).toBe(1);
    expect(new Set(results.map(String)).size).toBe(5);
    await call(3, 0, 0.8);
    expect(update.programs).toBe(2);
    await call(4, 0, 0.8);
    expect(update.programs).toBe(3);
    await useEngine(engine === "cpu" ? "onnx" : "cpu");
    await call(4, 0, 0.8);
    expect(update.programs).toBe(4);
    await update.dispose();
  });

  it("are bounded in number; one that left is recorded again", async () => {
    const power = compile((x: tf.Tensor, n: number) => tf.pow(x, n), { maxPrograms: 2 });
    const call = async (n: number): Promise<number> => (await power(tf.scalar(2), n)).dataSync()[0]!;
    expect([await call(1), await call(2), await call(1)]).toEqual([2, 4, 2]);
    expect(power.programs).toBe(2);
    expect(await call(3)).toBe(8);
    expect(await call(1)).toBe(2);
    expect(power.programs).toBe(3);
    expect(await call(2)).toBe(4);
    expect(power.programs).toBe(4);
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map(call));
    expect(results).toEqual([2, 4, 8, 16, 32, 64]);
    await power.dispose();
    expect(() => compile((x: tf.Tensor) => x, { maxPrograms: 0 })).toThrow(/maxPrograms is 0/);
  });

  it("are freed by disposeEngine and dispose once idle, and load again when needed", async () => {
    const session = InferenceSession as unknown as { prototype: InferenceSession };
    const release = vi.spyOn(session.prototype, "release");
    const data = (): number => tf.backend().numDataIds();
    const held = tf.tensor1d([1, 2, 3]);
    const before = data();
    const functions = [2, 3].map((n) => compile((x: tf.Tensor) => tf.mul(x, tf.tensor1d([n, n, n])), inRuntime));
    const call = async () => {
      for (const f of functions) (await f(held)).dispose();
    };
    const freed = (sessions: number): void => {
      if (engine === "onnx") expect(release).toHaveBeenCalledTimes(sessions);
      expect(data()).toBe(before);
    };
    await call();
    if (engine === "cpu") expect(data()).toBe(before + 2);
    const running = functions[0]!(held);
    await disposeEngine(engine);
    (await running).dispose();
    // The concurrent call may have begun after the disposal. Its program is then loaded again.
    await disposeEngine();
    const sessions = release.mock.calls.length;
    if (engine === "onnx") expect([2, 3]).toContain(sessions);
    freed(sessions);
    await call();
    expect(functions.map((f) => f.programs)).toEqual([1, 1]);
    for (const f of functions) await f.dispose();
    freed(sessions + 2);
    await call();
    expect(functions.map((f) => f.programs)).toEqual([2, 2]);
    for (const f of functions) await f.dispose();
    held.dispose();
  });

  it("serve calls interleaved with disposal and with other engines", async () => {
    const square = compile((x: tf.Tensor, n: number) => tf.add(tf.square(x), tf.tensor1d([n, n])), { maxPrograms: 2 });
    const actions = ["call", "call", "call", "dispose", "disposeEngine", "cpu", "onnx", "wait"] as const;
    const plan = fc.array(fc.tuple(fc.constantFrom(...actions), fc.nat(3)), { minLength: 4, maxLength: 16 });
    const inputs = [0, 1, 2, 3].map((i) => tf.tensor1d([i, 10 * i]));
    const property = fc.asyncProperty(plan, async (steps) => {
      const before = tf.memory().numTensors;
      const going: Promise<unknown>[] = [];
      for (const [action, n] of steps) {
        if (action === "call") {
          const check = async (): Promise<void> => {
            const y = await square(inputs[n]!, n);
            expect([...y.dataSync()]).toEqual([n * n + n, 100 * n * n + n]);
            y.dispose();
          };
          going.push(check());
        } else if (action === "dispose") going.push(square.dispose());
        else if (action === "disposeEngine") going.push(disposeEngine());
        else if (action === "wait") await going.at(-1);
        else going.push(useEngine(action));
      }
      await Promise.all(going);
      await square.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
    await fc.assert(property, { seed: 12, numRuns: 25 });
    tf.dispose(inputs);
  });
});

describe("failures", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  beforeEach(async () => {
    await useEngine("cpu");
  });

  const failing = (): never => {
    throw new Error("out of memory");
  };

  it("inside a program name the kernel, keep the cause and leave no tensors behind", async () => {
    const run = compile((x: tf.Tensor) => tf.sum(tf.exp(tf.mul(x, random.normal(random.key(0), [3])))));
    const x = tf.ones([3]);
    await withKernel("Exp", failing, async () => {
      const [tensors, data] = [tf.memory().numTensors, tf.backend().numDataIds()];
      for (let i = 0; i < 2; i++) {
        const error: unknown = await run(x).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(EngineError);
        expect((error as Error).message).toMatch(
          /in the kernel Exp that makes float32\[3\]\..*debug\(true\).*ERGODIC_DEBUG=1.*Exp#1: out of memory/,
        );
        expect((error as Error).cause).toBeInstanceOf(Error);
      }
      expect(tf.memory().numTensors).toBe(tensors);
      // The program's only constant.
      expect(tf.backend().numDataIds()).toBe(data + 1);
      await run.dispose();
      expect(tf.backend().numDataIds()).toBe(data);
    });
    expect((await run(x)).shape).toEqual([]);
  });

  it("show the user's line in debug mode, for gradients the line that asked for them", async () => {
    debug(true);
    const nextLine = (): number =>
      Number(/programs\.isolated\.test\.ts:(\d+)/.exec(new Error().stack!.split("\n")[2]!)![1]) + 1;
    const lines: number[] = [];
    const sine = (at: tf.Tensor): tf.Tensor => {
      lines.push(nextLine());
      return tf.sum(tf.sin(at));
    };
    const slope = (x: tf.Tensor): tf.Tensor => {
      lines.push(nextLine());
      return grad(sine)(x);
    };
    let message = "";
    await withKernel("Cos", failing, async () => {
      message = await compile(slope)(tf.ones([3])).then(String, (error: Error) => error.message);
    });
    expect(message).toMatch(new RegExp(`kernel Cos .* At .*programs\\.isolated\\.test\\.ts:${lines[0]}:`));
    const { graph } = record(sine, [tf.ones([3])], { engine: "cpu", supports: () => true, alternatives: [] });
    for (const { origin } of graph.nodes)
      expect(origin).toMatch(new RegExp(`programs\\.isolated\\.test\\.ts:${lines.at(-1)}:\\d+$`));
    expect(graph.nodes).toHaveLength(2);
    expect(printGraph(graph)).toMatch(/= Sum\(.*\).* @ .*programs\.isolated\.test\.ts/);
  });

  it("of recording show the line too", async () => {
    const reading = compile((x: tf.Tensor) => tf.scalar(tf.sum(x).dataSync()[0]!));
    await expect(reading(tf.ones([2]))).rejects.toThrow(/ERGODIC_DEBUG=1/);
    debug(true);
    await expect(reading(tf.ones([2]))).rejects.toThrow(TraceError);
    await expect(reading(tf.ones([2]))).rejects.toThrow(/At .*programs\.isolated\.test\.ts:\d+:\d+\.$/);
    await useEngine("onnx");
    const distinct = compile((x: tf.Tensor) => tf.unique(x).values);
    await expect(distinct(tf.ones([2]))).rejects.toThrow(/"Unique".*At .*programs\.isolated\.test\.ts:\d+:\d+\.$/);
  });

  it("are explained from an executor's message alone", () => {
    const { graph } = record((x: tf.Tensor) => tf.exp(tf.sum(x)), [tf.ones([2])], {
      engine: "onnx",
      supports: () => true,
      alternatives: [],
    });
    const cause = new Error("Non-zero status code returned while running Exp node. Name:'Exp#1/2' Status: bad");
    const explained = explainFailure(graph, cause);
    expect(explained).toBeInstanceOf(EngineError);
    expect(explained.message).toMatch(/kernel Exp that makes float32\[\]/);
    expect(explained.cause).toBe(cause);
    expect(explainFailure(graph, new Error("segment 7")).message).toBe("a compiled function failed: segment 7");
    expect(explainFailure(graph, explained)).toBe(explained);
  });
});
