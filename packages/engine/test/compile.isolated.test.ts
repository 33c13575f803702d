/** Compiled functions return values, gradients and draws, on the plain and on a compiled engine. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine, valueAndGrad } from "../src/index.js";

describe.each(["cpu", "onnx"] as const)("compile on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("returns the value and gradient of a function of a tree", async () => {
    // d/dw of mean((x w)²) = 2 xᵀ(x w) / n.
    const loss = (params: { w: tf.Tensor }, x: tf.Tensor): tf.Tensor =>
      tf.mean(tf.square(tf.matMul(x as tf.Tensor2D, params.w as tf.Tensor2D)));
    const run = compile(valueAndGrad(loss));
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const w = tf.tensor2d([0.5, -1], [2, 1]);
    const result = await run({ w }, x);
    const y = [1 * 0.5 - 2, 3 * 0.5 - 4];
    expect(result.value.dataSync()[0]).toBeCloseTo((y[0]! ** 2 + y[1]! ** 2) / 2, 5);
    expect([...result.grad.w.dataSync()]).toEqual([y[0]! * 1 + y[1]! * 3, y[0]! * 2 + y[1]! * 4]);
    tf.dispose([x, w, result]);
  });

  it("draws the numbers of the key it is given, at every call", async () => {
    const draw = compile((key: Key) => random.split(key, 2).map((child) => random.normal(child, [3])));
    for (const seed of [1, 2]) {
      const key = random.key(seed);
      const expected = random.split(key, 2).map((child) => [...random.normal(child, [3]).dataSync()]);
      expect((await draw(key)).map((t) => [...t.dataSync()])).toEqual(expected);
    }
  });

  it("draws equal rows from a key of equal rows, in the program that serves any key", async () => {
    const draw = compile((key: Key) => random.normal(random.fold(key, 1), [3, 2]));
    const values = async (key: Key) => [...(await draw(key)).dataSync()];
    const key = random.key(4);
    const [first, second] = await values(key);
    expect(await values(random.equalRows(key))).toEqual([first, second, first, second, first, second]);
  });

  it("gives an unused parameter a zero gradient and returns fresh tensors for arguments that pass through", async () => {
    const a = tf.tensor1d([1, 2]);
    const run = compile(
      (p: { a: tf.Tensor; b: tf.Tensor }) => [grad((q: typeof p) => tf.sum(tf.square(q.a)))(p), p.a] as const,
    );
    const [g, same] = await run({ a, b: tf.ones([2, 2]) });
    expect([...g.a.dataSync()]).toEqual([2, 4]);
    expect([...g.b.dataSync()]).toEqual([0, 0, 0, 0]);
    a.dispose();
    expect([...same.dataSync()]).toEqual([1, 2]);
  });

  it("gives a tree without tensors an empty gradient", async () => {
    const run = compile((x: tf.Tensor) => valueAndGrad((_: readonly never[], y: tf.Tensor) => tf.sum(y))([], x));
    const { value, grad: empty } = await run(tf.ones([3]));
    expect(value.dataSync()[0]).toBe(3);
    expect(empty).toEqual([]);
  });
});
