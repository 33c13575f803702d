/**
 * Observation models compared with their formulas in float64, and draws compared with their laws.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { vocabularyOf } from "@ergodic/data";
import type { Shown } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { bagOfWords, bernoulli, categorical, gaussian } from "../src/index.js";

const valuesOf = (x: tf.Tensor): number[] => [...x.dataSync()];
const close = (found: tf.Tensor, expected: readonly number[]): void => {
  const values = valuesOf(found);
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs(values[i]! - value)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value))),
  );
};
const softmax = (logits: readonly number[]): number[] => {
  const total = logits.reduce((sum, y) => sum + Math.exp(y), 0);
  return logits.map((y) => Math.exp(y) / total);
};

describe.each(["cpu", "onnx"] as const)("observation models on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("gaussian: a normal density of every entry, and the mean squared error", async () => {
    const model = gaussian({ sigma: 0.5 });
    const [y, x] = [
      tf.tensor2d([
        [1, -2],
        [0, 0],
      ]),
      tf.tensor2d([
        [1.5, -2],
        [3, 4],
      ]),
    ];
    const at = compile((a: tf.Tensor, b: tf.Tensor) => [model.logDensity(a, b), model.error(a, b)] as const);
    const [density, error] = await at(y, x);
    const constant = Math.log(2 * Math.PI * 0.25);
    close(density, [-0.25 / 0.5 - constant, -25 / 0.5 - constant]);
    close(error, [0.125, 12.5]);
    const draws = model.sample(tf.fill([20_000, 1], 3), random.key(1));
    const { mean, variance } = tf.moments(draws);
    // 5 standard errors of 20,000 draws, a false-alarm rate of 1e-6.
    expect(Math.abs(valuesOf(mean)[0]! - 3)).toBeLessThan((5 * 0.5) / Math.sqrt(20_000));
    expect(Math.abs(valuesOf(variance)[0]! / 0.25 - 1)).toBeLessThan(5 * Math.sqrt(2 / 20_000));
  });

  it("bernoulli: x y - log(1 + e^y), finite for large logits", async () => {
    const model = bernoulli();
    const [y, x] = [tf.tensor2d([[0.3, -2, 90, -90]]), tf.tensor2d([[1, 0, 1, 0]])];
    const density = await compile((a: tf.Tensor, b: tf.Tensor) => model.logDensity(a, b))(y, x);
    close(density, [0.3 - Math.log1p(Math.exp(0.3)) - Math.log1p(Math.exp(-2))]);
    expect(valuesOf(model.decode(y))).toEqual([1, 0, 1, 0]);
    expect(valuesOf(model.error(y, tf.tensor2d([[0, 0, 1, 1]])))).toEqual([0.5]);
    const share = tf.mean(model.sample(tf.fill([20_000], Math.log(0.2 / 0.8)), random.key(2))).dataSync()[0]!;
    expect(Math.abs(share - 0.2)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / 20_000));
  });

  it("categorical: log softmax of the symbols that count", async () => {
    const model = categorical();
    const logits = [
      [1, 2, 3],
      [0, 0, 0],
      [5, -1, 0],
    ];
    const x = { tokens: tf.tensor2d([[2, 1, 0]], [1, 3], "int32"), weight: tf.tensor2d([[1, 1, 0]]) };
    const y = tf.tensor3d([logits]);
    const density = await compile((a: tf.Tensor, b: typeof x) => model.logDensity(a, b))(y, x);
    close(density, [Math.log(softmax(logits[0]!)[2]!) + Math.log(1 / 3)]);
    expect(valuesOf(model.decode(y).tokens)).toEqual([2, 0, 0]);
    close(model.error(y, x), [0.5]);
  });

  it("categorical: draws follow the softmax", () => {
    const shares = softmax([0, 1, -1]);
    const n = 20_000;
    const { tokens } = categorical().sample(tf.tile(tf.tensor3d([[[0, 1, -1]]]), [n, 1, 1]), random.key(3));
    const seen = valuesOf(tokens);
    shares.forEach((share, symbol) => {
      const found = seen.filter((token) => token === symbol).length / n;
      expect(Math.abs(found - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / n));
    });
  });

  it("bagOfWords: counts times log softmax, whatever the order", async () => {
    const model = bagOfWords();
    const [y, x] = [tf.tensor2d([[1, 2, 3]]), tf.tensor2d([[2, 0, 2]])];
    const shares = softmax([1, 2, 3]);
    close(await compile((a: tf.Tensor, b: tf.Tensor) => model.logDensity(a, b))(y, x), [
      2 * Math.log(shares[0]!) + 2 * Math.log(shares[2]!),
    ]);
    close(model.decode(y), shares);
    close(model.error(y, x), [0.5 * (Math.abs(0.5 - shares[0]!) + shares[1]! + Math.abs(0.5 - shares[2]!))]);
    expect(valuesOf(tf.sum(model.sample(y, random.key(4)), 1))).toEqual([1]);
  });

  it("say what observations show", () => {
    const vocabulary = vocabularyOf([["b", "a", "b", "c", "b", "a"]]);
    const shown = categorical({ vocabulary }).show!({
      tokens: tf.tensor2d([[2, 3, 0, 2]], [1, 4], "int32"),
      weight: tf.ones([1, 4]),
    }) as Extract<Shown, { kind: "text" }>;
    expect([shown.kind, valuesOf(shown.values)]).toEqual(["text", [2, 3, 0, 2]]);
    // b is the most frequent word, so its number is 2. 0 ends the sentence.
    expect(shown.textOf(valuesOf(shown.values))).toBe("b a");
    const numbers = categorical().show!({ tokens: tf.zeros([1, 2], "int32"), weight: tf.ones([1, 2]) });
    expect((numbers as typeof shown).textOf([7, 0])).toBe("7 0");
    const bag = bagOfWords({ vocabulary }).show!(tf.zeros([1, 5])) as typeof shown;
    // Shares of the boundary, the unknown, b, a, c. Shown are the largest first, without the
    // boundary and shares of 0.
    expect(bag.textOf([0.5, 0.2, 0, 0.1, 0.2])).toBe("<unk> c a");
    expect(valuesOf(bernoulli().show!(tf.tensor1d([0, 1])) as tf.Tensor)).toEqual([-1, 1]);
    expect(gaussian({ sigma: 1 }).show).toBeUndefined();
  });

  it("give one number for each example, and refuse what does not fit", () => {
    expect(() => gaussian({ sigma: 0 })).toThrow(/sigma is 0/);
    const misfits: (() => TensorTree)[] = [
      () => gaussian({ sigma: 1 }).logDensity(tf.zeros([2, 3]), tf.zeros([2, 4])),
      () => bernoulli().logDensity(tf.zeros([2, 3]), tf.zeros([1, 3])),
      () => bagOfWords().logDensity(tf.zeros([2, 3]), tf.zeros([2])),
      () =>
        categorical().logDensity(tf.zeros([2, 3, 4]), { tokens: tf.zeros([2, 2], "int32"), weight: tf.ones([2, 2]) }),
    ];
    for (const misfit of misfits) expect(misfit).toThrow(/has shape/);
    expect(tree.isLeaf(gaussian({ sigma: 1 }).decode(tf.zeros([2, 3])))).toBe(true);
  });
});
