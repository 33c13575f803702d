/** Word vectors: selection, and gradients that count occurrences. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { embedding } from "@ergodic/nn";
import { enginesOnThisMachine, valuesOf, wave } from "./support.js";

describe.each(enginesOnThisMachine)("embedding on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("picks rows, and its gradient counts how often", async () => {
    const words = embedding({ count: 4, out: 2 });
    const ids = tf.tensor2d([3, 0, 3, 1], [2, 2], "int32");
    const run = compile((p: { vectors: tf.Tensor }, i: tf.Tensor) => ({
      picked: words.apply(p, i),
      ...valueAndGrad((q: typeof p) => tf.sum(words.apply(q, i)))(p),
    }));
    const { picked, grad } = await run({ vectors: wave(0, 4, 2) }, ids);
    const rows = valuesOf(wave(0, 4, 2));
    const row = (i: number) => rows.slice(2 * i, 2 * i + 2);
    expect(picked.shape).toEqual([2, 2, 2]);
    expect(valuesOf(picked)).toEqual([row(3), row(0), row(3), row(1)].flat());
    expect(valuesOf(grad.vectors)).toEqual([1, 1, 1, 1, 0, 0, 2, 2]);
  });

  it("is linear in its vectors: second derivatives are those of what follows", async () => {
    const words = embedding({ count: 3, out: 1 });
    const ids = tf.tensor1d([2, 0, 2], "int32");
    type Params = { readonly vectors: tf.Tensor };
    const cubes = (p: Params): tf.Tensor => tf.sum(tf.pow(words.apply(p, ids), 3));
    const run = compile((params: Params) =>
      valueAndGrad((p: Params) => tf.sum(valueAndGrad(cubes)(p).grad.vectors))(params),
    );
    const { grad } = await run({ vectors: tf.tensor2d([0.5, 7, -2], [3, 1]) });
    // 6 v for every occurrence of the word.
    expect(valuesOf(grad.vectors)).toEqual([3, 0, -24]);
  });
});
