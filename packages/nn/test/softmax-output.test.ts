/** Log probabilities of classes compared with log-softmax and its gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { logSoftmaxAt } from "@ergodic/nn";
import { enginesOnThisMachine, relativeError, valuesOf } from "./support.js";

const [rows, features, count] = [7, 3, 5];
type All = { readonly h: tf.Tensor; readonly weight: tf.Tensor; readonly bias: tf.Tensor };
const given = (sd: number): All => ({
  h: random.normal(random.key(0), [rows, features], { sd }),
  weight: random.normal(random.key(1), [count, features]),
  bias: random.normal(random.key(2), [count]),
});
const classes = (): tf.Tensor => tf.tensor1d([0, 4, 2, 2, 1, 3, 0], "int32");
const mix = (): tf.Tensor => tf.tensor1d([1, -2, 0.5, 0, 3, 1, 1]);

describe.each(enginesOnThisMachine)("logSoftmaxAt on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  // Scores up to a few hundred: exponentials of them would overflow.
  it.each([1, 100])("has the values and gradients of the log-softmax, at inputs of size %d", async (sd) => {
    const both = compile((all: All, k: tf.Tensor) => {
      const own = valueAndGrad(({ h, weight, bias }: All) =>
        tf.sum(tf.mul(mix(), logSoftmaxAt({ weight, bias }, h, k))),
      );
      const plain = valueAndGrad(({ h, weight, bias }: All) => {
        const scores = tf.logSoftmax(tf.add(tf.matMul(h, weight, false, true), bias));
        return tf.sum(tf.mul(mix(), tf.sum(tf.mul(tf.oneHot(k as tf.Tensor1D, count), scores), 1)));
      });
      return { own: own(all), plain: plain(all) };
    });
    const { own, plain } = await both(given(sd), classes());
    expect(relativeError(valuesOf(own.value), valuesOf(plain.value))).toBeLessThan(1e-6);
    for (const name of ["h", "weight", "bias"] as const)
      expect(relativeError(valuesOf(own.grad[name]), valuesOf(plain.grad[name]))).toBeLessThan(3e-6);
  });

  it("has the same bits beside a class of tiny probability", async () => {
    const values = compile(({ h, weight, bias }: All, k: tf.Tensor) => logSoftmaxAt({ weight, bias }, h, k));
    const { h, ...rest } = given(1);
    const [first, others] = tf.split(h, [1, rows - 1]) as [tf.Tensor, tf.Tensor];
    const far = tf.concat([tf.mul(first, -400), others]);
    const alone = valuesOf(await values({ h, ...rest }, classes()));
    const beside = valuesOf(await values({ h: far, ...rest }, classes()));
    expect(beside[0]).toBeLessThan(-100);
    expect(beside.slice(1)).toEqual(alone.slice(1));
  });

  it("refuses shapes that do not fit", () => {
    const { h, weight, bias } = given(1);
    expect(() => logSoftmaxAt({ weight, bias }, tf.zeros([2, 4]), classes())).toThrow(ValidationError);
    expect(() => logSoftmaxAt({ weight, bias }, h, tf.zeros([2], "int32"))).toThrow(/one for each row/);
  });
});
