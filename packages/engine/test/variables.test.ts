/**
 * Captured tensors are constants, captured variables are read at every call, and a program neither
 * creates nor assigns variables.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as ort from "onnxruntime-node";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { compile, disposeEngine, EngineError, exportOnnx, grad, printGraph, record, useEngine } from "../src/index.js";
import { engines } from "./kernel-cases.js";

afterEach(() => {
  tf.disposeVariables();
});

const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const x = (): tf.Tensor => tf.tensor1d([1, 2]);

/** The same function, recorded, and on cpu run eagerly. */
const ways: Readonly<Record<string, <T extends tf.Tensor>(y: T) => T>> = {
  recorded: (y) => y,
  "run as it is": (y) => {
    tf.unique(tf.ones([1]));
    return y;
  },
};

const cases = engines.flatMap((engine) =>
  Object.keys(ways)
    .filter((way) => way === "recorded" || engine === "cpu")
    .map((way) => ({ engine, way })),
);

describe.each(cases)("on $engine, $way, a captured variable", ({ engine, way }) => {
  const as = ways[way]!;
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("is read at every call", async () => {
    const v = tf.variable(tf.scalar(2));
    const scaled = compile((y: tf.Tensor) => as(tf.mul(y, v)));
    expect(numbers(await scaled(x()))).toEqual([2, 4]);
    v.assign(tf.scalar(10));
    expect(numbers(await scaled(x()))).toEqual([10, 20]);
    await disposeEngine(engine);
    v.assign(tf.scalar(-1));
    expect(numbers(await scaled(x()))).toEqual([-1, -2]);
  });

  it("may be assigned what a call returned, again and again", async () => {
    const v: tf.Variable = tf.variable(tf.scalar(1));
    const doubled = compile(() => as(tf.mul(v, 2)));
    for (let i = 0; i < 5; i++) {
      const next = await doubled();
      v.assign(next);
      next.dispose();
    }
    expect(numbers(v)).toEqual([32]);
  });

  it("is told apart from other variables and from copies made before, which are constants", async () => {
    const [v, w] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
    const copy = tf.clone(v);
    const parts = compile(() => [as(tf.add(v, 0.5)), tf.add(w, 0.5), tf.add(copy, 0.5)]);
    const read = async (): Promise<number[]> => (await parts()).flatMap(numbers);
    expect(await read()).toEqual([1.5, 1.5, 1.5]);
    v.assign(tf.scalar(3));
    w.assign(tf.scalar(7));
    expect(await read()).toEqual([3.5, 7.5, 1.5]);
  });

  it("counts in gradients with its value of the call", async () => {
    const v = tf.variable(tf.scalar(3));
    // d/dy sum(v y²) = 2 v y.
    const slope = compile(grad((y: tf.Tensor) => as(tf.sum(tf.mul(v, tf.square(y))))));
    expect(numbers(await slope(x()))).toEqual([6, 12]);
    v.assign(tf.scalar(0.5));
    expect(numbers(await slope(x()))).toEqual([1, 2]);
  });

  it("that is returned comes back as a tensor of the caller's own", async () => {
    const v = tf.variable(tf.scalar(4));
    const result = await compile(() => as(v) as tf.Tensor)();
    result.dispose();
    expect(numbers(v)).toEqual([4]);
  });

  it("may be an argument as well", async () => {
    const v = tf.variable(tf.scalar(4));
    const sum = compile((y: tf.Tensor) => as(tf.add(y, v)));
    expect(numbers(await sum(v))).toEqual([8]);
    v.assign(tf.scalar(5));
    expect(numbers(await sum(v))).toEqual([10]);
  });

  it("is not read into plain numbers", async () => {
    const v = tf.variable(tf.scalar(4));
    for (const read of [() => v.dataSync()[0]!, () => v.arraySync() as number, () => v.bufferSync().get(0)]) {
      await expect(compile((y: tf.Tensor) => as(tf.mul(y, read())))(x())).rejects.toThrow(
        /called dataSync of a variable\..*read at every call/,
      );
    }
    expect(v.arraySync()).toBe(4);
  });

  it("is neither made nor assigned", async () => {
    const v = tf.variable(tf.scalar(4));
    const assigning = compile((y: tf.Tensor) => {
      v.assign(tf.scalar(1));
      return as(tf.mul(y, v));
    });
    await expect(assigning(x())).rejects.toThrow(/called assign of a variable\..*assign it after the call/);
    await expect(compile((y: tf.Tensor) => as(tf.variable(y) as tf.Tensor))(x())).rejects.toThrow(
      /called tf\.variable\..*Take the state as an argument/,
    );
    expect(numbers(v)).toEqual([4]);
    v.assign(tf.scalar(6));
    expect(numbers(v)).toEqual([6]);
    expect(Object.keys(tf.engine().state.registeredVariables)).toHaveLength(1);
  });
});

describe.each(engines)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("a call after a captured variable was disposed says so", async () => {
    const v = tf.variable(tf.scalar(2));
    const scaled = compile((y: tf.Tensor) => tf.mul(y, v));
    await scaled(x());
    v.dispose();
    await expect(scaled(x())).rejects.toThrow(EngineError);
    await expect(scaled(x())).rejects.toThrow(/variable that a compiled function captured was disposed/);
  });

  it("a captured tensor stays the constant it was, also after it and its engine's programs are gone", async () => {
    const producer = compile((y: tf.Tensor) => tf.add(y, 1));
    const captured = await producer(tf.fill([1000], 4));
    const plus = compile((y: tf.Tensor) => tf.add(y, captured));
    expect(numbers(await plus(tf.zeros([1000])))[999]).toBe(5);
    captured.dispose();
    for (let i = 0; i < 20; i++) (await producer(tf.fill([1000], i))).dispose();
    expect(numbers(await plus(tf.zeros([1000])))[999]).toBe(5);
    await disposeEngine(engine);
    expect(numbers(await plus(tf.zeros([1000])))[999]).toBe(5);
  });

  it("captured tensors that share their data are told apart by shape and type", async () => {
    // TensorFlow.js does not copy data to reshape, nor to cast whole numbers.
    const list = tf.tensor1d([1, 2, 3, 4, 5, 6], "int32");
    const table = tf.reshape(tf.cast(list, "float32"), [2, 3]) as tf.Tensor2D;
    const sums = compile((y: tf.Tensor2D) => [tf.matMul(table, y), tf.add(list, list)]);
    const [product, twice] = await sums(tf.ones([3, 1]));
    expect(numbers(product!)).toEqual([6, 15]);
    expect([twice!.dtype, ...numbers(twice!)]).toEqual(["int32", 2, 4, 6, 8, 10, 12]);
  });

  it("arguments and variables that were cast from whole numbers keep them", async () => {
    const cast = (): tf.Tensor => tf.cast(tf.tensor1d([1, 2], "int32"), "float32");
    const v = tf.variable(cast());
    expect(numbers(await compile((y: tf.Tensor) => tf.add(tf.mul(y, 0.5), v))(cast()))).toEqual([1.5, 3]);
  });

  it("a function recorded after its captured tensor was disposed says so", async () => {
    const captured = tf.tensor1d([1]);
    const plus = compile((y: tf.Tensor) => tf.add(y, captured));
    captured.dispose();
    await expect(plus(x())).rejects.toThrow(/captured a tensor that was disposed before it was recorded/);
  });
});

describe("recordings", () => {
  it("have variables as inputs", () => {
    const v = tf.variable(tf.scalar(2));
    const call = record(() => tf.exp(v), [], { engine: "onnx", supports: () => true, alternatives: [] });
    expect(call.variables).toEqual([v]);
    expect(printGraph(call.graph)).toMatch(/^%0 float32\[\] = variable 0\n/);
  });

  it("of exports store the present values of variables", async () => {
    const v = tf.variable(tf.scalar(2));
    const file = exportOnnx((y: tf.Tensor) => tf.mul(y, v), [x()], { names: ["x"] });
    v.assign(tf.scalar(9));
    const session = await ort.InferenceSession.create(file);
    expect(session.inputNames).toEqual(["x"]);
    const { output } = await session.run({ x: new ort.Tensor(Float32Array.of(1, 2), [2]) });
    expect([...(output!.data as Float32Array)]).toEqual([2, 4]);
    await session.release();
  });
});
