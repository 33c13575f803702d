/** Encoders of sequences: padding is not read, order is. */
import { compile, useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { sequenceEncoder, type TokenSequence } from "../src/index.js";

beforeAll(() => useEngine("onnx"));

const encoder = sequenceEncoder({ symbols: 9, embedding: 4, hidden: 5, out: 3 });
const params = encoder.init(random.key(0));
const encode = compile((x: TokenSequence) => encoder.apply(params, x));
const sequence = (tokens: number[][], lengths: number[]): TokenSequence => ({
  tokens: tf.tensor2d(tokens, undefined, "int32"),
  weight: tf.tensor2d(tokens.map((row, i) => row.map((_, t) => (t < lengths[i]! ? 1 : 0)))),
});
const rowsOf = async (x: TokenSequence): Promise<number[][]> => (await (await encode(x)).array()) as number[][];

it("padding changes nothing, whatever its symbols", async () => {
  const [first, second] = await rowsOf(
    sequence(
      [
        [1, 2, 3, 0, 0],
        [1, 2, 3, 8, 7],
      ],
      [3, 3],
    ),
  );
  expect(first).toEqual(second);
  const [alone] = await rowsOf(sequence([[1, 2, 3]], [3]));
  alone!.forEach((value, i) => expect(value).toBeCloseTo(first![i]!, 5));
});

it("the first and the last symbol both count, and so does their order", async () => {
  const rows = await rowsOf(
    sequence(
      [
        [1, 2, 3],
        [4, 2, 3],
        [1, 2, 4],
        [3, 2, 1],
      ],
      [3, 3, 3, 3],
    ),
  );
  for (const [i, row] of rows.entries())
    for (const other of rows.slice(i + 1))
      expect(Math.max(...row.map((v, k) => Math.abs(v - other[k]!)))).toBeGreaterThan(1e-3);
});

it("checks its sizes and weights", () => {
  expect(() => sequenceEncoder({ symbols: 0, embedding: 1, hidden: 1, out: 1 })).toThrow("symbols is 0");
  const bad = { tokens: tf.zeros([2, 3], "int32"), weight: tf.ones([2, 2]) };
  expect(() => encoder.apply(params, bad)).toThrow("the weights of tokens");
});
