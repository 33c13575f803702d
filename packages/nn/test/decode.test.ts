/** Decoding: chains with known probabilities, ends of rows, and independence of rows. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, ValidationError, type Key } from "@ergodic/tensor";
import { decode, dense, embedding, gru, type DecodeOptions } from "@ergodic/nn";
import { enginesOnThisMachine, valuesOf, wave } from "./support.js";

const end = 3;
/** A chain without state: row w holds the log probabilities of the word after w. */
const chain = (rows: number[][]): DecodeOptions<readonly never[]>["next"] => {
  const logits = tf.log(tf.tensor2d(rows));
  return (state, last) => ({ logits: tf.gather(logits, last), state });
};

describe.each(enginesOnThisMachine)("decode on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("greedy: takes the highest score, and rows end by themselves", async () => {
    // The score of word w at step t is highest for w = t + row. Word 3 ends a row.
    const run = compile((shift: tf.Tensor) =>
      decode({
        next: (step: tf.Tensor) => ({
          logits: tf.oneHot(tf.cast(tf.add(step, shift), "int32"), 6),
          state: tf.add(step, 1),
        }),
        state: tf.zeros([4]),
        rows: 4,
        start: 5,
        end,
        maxLength: 3,
      }),
    );
    const { words, lengths } = await run(tf.tensor1d([0, 1, 3, 4]));
    expect(words.dtype).toBe("int32");
    expect(words.shape).toEqual([4, 3]);
    expect(valuesOf(words)).toEqual(
      [
        [0, 1, 2],
        [1, 2, 3],
        [3, 3, 3],
        [4, 5, 0],
      ].flat(),
    );
    expect(valuesOf(lengths)).toEqual([3, 2, 0, 3]);
  });

  it("feeds each word back, the start first", async () => {
    const next = chain([
      [0.1, 0.7, 0.1, 0.1],
      [0.1, 0.1, 0.7, 0.1],
      [0.1, 0.1, 0.1, 0.7],
      [0.7, 0.1, 0.1, 0.1],
    ]);
    const run = compile((state: readonly never[]) => decode({ next, state, rows: 1, start: 0, end, maxLength: 5 }));
    const { words, lengths } = await run([]);
    expect(valuesOf(words)).toEqual([1, 2, 3, 3, 3]);
    expect(valuesOf(lengths)).toEqual([2]);
  });

  it("sampled: words have the probabilities of the chain, and lengths are geometric", async () => {
    const rows = 20_000;
    const law = [0.5, 0.2, 0, 0.3];
    const next = chain([law, law, law, law]);
    const run = compile((key: Key) => decode({ next, state: [], rows, start: 0, end, maxLength: 4, sample: { key } }));
    const { words, lengths } = await run(random.key(1));
    const first = valuesOf(tf.slice(words, [0, 0], [rows, 1]));
    const share = (list: number[], value: number): number =>
      list.filter((other) => other === value).length / list.length;
    // Each share has sd below 0.0036. The bound is six of these for ten shares: false-alarm rate
    // 2e-8.
    law.forEach((p, word) => expect(Math.abs(share(first, word) - p)).toBeLessThan(0.022));
    [0.3, 0.21, 0.147, 0.1029, 0.2401].forEach((p, length) =>
      expect(Math.abs(share(valuesOf(lengths), length) - p)).toBeLessThan(0.022),
    );
    expect(share(first, 2)).toBe(0);
  });

  it("sampled: the temperature sharpens, a key repeats, and steps are independent", async () => {
    const next = chain(Array(4).fill([0.6, 0.3, 0.1, 1e-9]) as number[][]);
    const at = (temperature: number) =>
      compile((key: Key) =>
        decode({ next, state: [], rows: 5000, start: 0, end, maxLength: 2, sample: { key, temperature } }),
      );
    const cold = valuesOf((await at(0.5)(random.key(2))).words);
    // Squares of the probabilities are 0.36, 0.09 and 0.01, in total 0.46. Shares have sd 0.006.
    // The bound is six of these.
    expect(Math.abs(cold.filter((word) => word === 0).length / 10_000 - 0.36 / 0.46)).toBeLessThan(0.036);
    const warm = at(1);
    const once = valuesOf((await warm(random.key(3))).words);
    expect(valuesOf((await warm(random.key(3))).words)).toEqual(once);
    const equal = once.filter((word, i) => i % 2 === 0 && word === once[i + 1]).length / 5000;
    expect(Math.abs(equal - (0.36 + 0.09 + 0.01))).toBeLessThan(0.043);
  });

  it("writes with a recurrent layer what writing by hand gives", async () => {
    const words = embedding({ count: 5, out: 3 });
    const cell = gru({ in: 3, hidden: 4 });
    const scores = dense({ in: 4, out: 5 });
    const params = {
      words: { vectors: wave(0, 5, 3) },
      cell: cell.init(random.key(4)),
      scores: { weight: wave(1, 4, 5), bias: wave(2, 5) },
    };
    const next = (p: typeof params) => (state: { readonly hidden: tf.Tensor }, last: tf.Tensor) => {
      const moved = cell.step(p.cell, words.apply(p.words, last), state);
      return { logits: scores.apply(p.scores, moved.output), state: moved.state };
    };
    const start = { hidden: wave(5, 3, 4) };
    const run = compile((p: typeof params, state: typeof start) =>
      decode({ next: next(p), state, rows: 3, start: 0, end: 4, maxLength: 4 }),
    );
    const got = valuesOf((await run(params, start)).words);
    let state: { readonly hidden: tf.Tensor } = start;
    let last = [0, 0, 0];
    const ended = [false, false, false];
    for (let t = 0; t < 4; t++) {
      const scored = next(params)(state, tf.tensor1d(last, "int32"));
      state = scored.state;
      last = valuesOf(tf.argMax(scored.logits, 1)).map((word, row) => (ended[row] ? 4 : word));
      last.forEach((word, row) => (ended[row] ||= word === 4));
      expect([got[t], got[4 + t], got[8 + t]]).toEqual(last);
    }
  });
});

describe("decode", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  const options: DecodeOptions<readonly never[]> = {
    next: (state) => ({ logits: tf.zeros([2, 4]), state }),
    state: [],
    rows: 2,
    start: 0,
    end,
    maxLength: 2,
  };

  it.each([
    [{ maxLength: 0 }, /maxLength is 0/],
    [{ rows: 1.5 }, /rows is 1.5/],
    [{ end: 4 }, /end is 4/],
    [{ rows: 3 }, /logits of decode has shape \[2,4\], expected \[3,any\]/],
    [{ sample: { key: random.key(0), temperature: 0 } }, /sample.temperature is 0/],
  ])("refuses %o", (change, message) => {
    expect(() => decode({ ...options, ...change })).toThrow(ValidationError);
    expect(() => decode({ ...options, ...change })).toThrow(message);
  });
});
