/** Results are written to arrays of disposed tensors, and to no array that anything else may hold. */
import * as tf from "@tensorflow/tfjs-core";
import * as ort from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import { provenEnd } from "../src/onnx/given-arrays.js";
import { readFeeds, ResultArrays } from "../src/onnx/result-arrays.js";

beforeAll(() => useEngine("onnx"));

describe("arrays of a result", () => {
  const spec = { shape: [32, 32], dtype: "float32" } as const;
  const results = (): { arrays: ResultArrays; array: Float32Array; tensor: tf.Tensor } => {
    const arrays = new ResultArrays(spec);
    const array = arrays.take() as Float32Array;
    return { arrays, array, tensor: arrays.tensor(array) };
  };

  it("are used again after their tensor, each by one tensor", () => {
    const { arrays, array, tensor } = results();
    const other = arrays.take();
    expect(other).not.toBe(array);
    const second = arrays.tensor(other);
    tensor.dispose();
    expect(arrays.take()).toBe(array);
    expect(arrays.take()).not.toBe(array);
    second.dispose();
    expect(arrays.take()).toBe(other);
  });

  it.each<[string, (tensor: tf.Tensor) => unknown]>([
    ["data", (tensor) => tensor.data()],
    ["dataSync", (tensor) => tensor.dataSync()],
    ["a kernel that returns a part of the array", (tensor) => tf.slice(tensor, [0, 0], [1, 2])],
    ["a buffer", (tensor) => tensor.bufferSync()],
  ])("are not used again after %s", async (_, read) => {
    const { arrays, array, tensor } = results();
    await read(tensor);
    tensor.dispose();
    expect(arrays.take()).not.toBe(array);
  });

  it("are not used again while a clone is alive", () => {
    const { arrays, array, tensor } = results();
    const clone = tf.reshape(tensor, [1024]);
    tensor.dispose();
    expect(arrays.take()).not.toBe(array);
    clone.dispose();
    expect(arrays.take()).toBe(array);
  });

  it("are not used again during a run that reads them", () => {
    const { arrays, array, tensor } = results();
    const read = readFeeds([tensor]);
    expect(read.numbers[0]).toBe(array);
    tensor.dispose();
    expect(arrays.take()).not.toBe(array);
    read.end();
    expect(arrays.take()).toBe(array);
  });

  it("hold the numbers of a cast tensor too", () => {
    const arrays = new ResultArrays({ shape: [1024], dtype: "int32" });
    const whole = arrays.tensor(Int32Array.from({ length: 1024 }, (_, i) => 3 - i));
    const { numbers } = readFeeds([tf.cast(whole, "float32")]);
    expect(numbers[0]).toEqual(Float32Array.from({ length: 1024 }, (_, i) => 3 - i));
  });
});

/** Results of this program are large enough to be written to given arrays. */
const moved = compile((x: tf.Tensor, by: tf.Tensor) => tf.add(tf.mul(x, 0.5), by));
const [size, half] = [2 ** 19, tf.scalar(0.5)];
const all = async (tensor: tf.Tensor): Promise<number[]> => [...new Set(await tensor.data())];

it("what was read of a disposed result stays", async () => {
  const first = await moved(tf.zeros([size]), half);
  const [numbers, part] = [await first.data(), tf.slice(first, 3, 4)];
  first.dispose();
  const later = [await moved(tf.ones([size]), half), await moved(tf.ones([size]), half)];
  expect([...new Set(numbers)]).toEqual([0.5]);
  expect(await all(part)).toEqual([0.5]);
  for (const one of later) expect(await all(one)).toEqual([1]);
});

it("a run reads its arguments even if they are disposed before it ends", async () => {
  const firsts = [await moved(tf.zeros([size]), half), await moved(tf.zeros([size]), half)];
  const calls = firsts.map((x, i) => moved(x, tf.scalar(i)));
  // The runs begin in microtasks, and read their arguments in a later task.
  for (let i = 0; i < 20; i++) await Promise.resolve();
  tf.dispose(firsts);
  const others = Promise.all([1, 2, 3].map((by) => moved(tf.ones([size]), tf.scalar(by))));
  expect(await Promise.all((await Promise.all(calls)).map(all))).toEqual([[0.25], [1.25]]);
  expect(await Promise.all((await others).map(all))).toEqual([[1.5], [2.5], [3.5]]);
});

it("a run that fails gives its error, and later runs work", async () => {
  const picked = compile((x: tf.Tensor, i: tf.Tensor) => tf.add(tf.gather(x, i as tf.Tensor1D), tf.zeros([1, size])));
  const x = tf.ones([2, 1]);
  await expect(picked(x, tf.tensor1d([5], "int32"))).rejects.toThrow(/gather/i);
  expect(await all(await picked(x, tf.tensor1d([1], "int32")))).toEqual([1]);
});

describe("the end of a run into given arrays", () => {
  const { Tensor } = ort;
  const faked = (run: (results: Record<string, ort.Tensor>) => void) => ({
    Tensor,
    InferenceSession: {
      create: () =>
        Promise.resolve({
          run: async (_: unknown, results: Record<string, ort.Tensor>) => run(results),
          release: () => undefined,
        }),
    } as unknown as typeof ort.InferenceSession,
  });
  const right = (results: Record<string, ort.Tensor>): void => (results["out0"]!.data as Float32Array).set([6, 10]);

  it("is a message of this runtime, or there is none", async () => {
    expect([undefined, "Non tensor type is temporarily not supported."]).toContain(await provenEnd(ort, {}));
  });

  it("is proven by results and an error together", async () => {
    const stop = (): never => {
      throw new Error("stop");
    };
    expect(await provenEnd(faked((results) => (right(results), stop())), {})).toBe("stop"); // prettier-ignore
    expect(await provenEnd(faked(right), {})).toBeUndefined();
    expect(await provenEnd(faked(stop), {})).toBeUndefined();
  });

  it("is not there where the model is refused", async () => {
    const refusing = { create: () => Promise.reject(new Error("no")) } as unknown as typeof ort.InferenceSession;
    expect(await provenEnd({ Tensor, InferenceSession: refusing }, {})).toBeUndefined();
  });
});
