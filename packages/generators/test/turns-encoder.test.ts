/** Encoders of turns: padding and empty turns are not read, the order of words and turns is. */
import { compile, useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { replyEncoder, turnsEncoder, type Reply, type Turns } from "../src/index.js";

beforeAll(() => useEngine("onnx"));

const sizes = { symbols: 9, embedding: 4, hidden: 5, out: 3 };
const encoder = turnsEncoder(sizes);
const params = encoder.init(random.key(0));
const encode = compile((x: Turns) => encoder.apply(params, x));

/** Turns of up to `time` symbols. Padding is the symbol `padding`. */
function turns(rows: number[][][], time: number, padding = 0): Turns {
  const padded = rows.map((row) => row.map((turn) => Array.from({ length: time }, (_, t) => turn[t] ?? padding)));
  const weight = rows.map((row) => row.map((turn) => Array.from({ length: time }, (_, t) => Number(t < turn.length))));
  return { tokens: tf.tensor3d(padded, undefined, "int32"), weight: tf.tensor3d(weight) };
}
const rowsOf = async (x: Turns): Promise<number[][]> => (await (await encode(x)).array()) as number[][];
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

it("padding and turns without symbols change nothing", async () => {
  const [short] = await rowsOf(turns([[[1, 2], [3]]], 2));
  const [padded] = await rowsOf(turns([[[1, 2], [3], []]], 4, 7));
  expect(distance(short!, padded!)).toBeLessThan(1e-6);
  const [none] = await rowsOf(turns([[[], []]], 3));
  expect(none).toEqual([0, 0, 0]);
});

it("the order of turns counts, and that of their words", async () => {
  const rows = await rowsOf(turns([[[1, 2], [3, 4]], [[3, 4], [1, 2]], [[2, 1], [3, 4]], [[1, 2], [4, 3]]], 2)); // prettier-ignore
  for (const [i, row] of rows.entries())
    for (const other of rows.slice(i + 1)) expect(distance(row, other)).toBeGreaterThan(1e-3);
});

it("a reply is encoded with its words and its context", async () => {
  const whole = replyEncoder({ ...sizes, hidden: 16, out: 4 });
  const own = whole.init(random.key(1));
  const run = compile((x: Reply) => whole.apply(own, x));
  const said = (tokens: number[]) => ({ tokens: tf.tensor2d([tokens], undefined, "int32"), weight: tf.ones([1, 2]) });
  const context = turns([[[1, 2], [3]]], 2);
  const of = async (x: Reply) => [...(await (await run(x)).data<"float32">())];
  const base = await of({ ...said([5, 6]), context });
  expect(base).toHaveLength(4);
  expect(distance(base, await of({ ...said([6, 5]), context }))).toBeGreaterThan(1e-4);
  expect(distance(base, await of({ ...said([5, 6]), context: turns([[[2, 2], [3]]], 2) }))).toBeGreaterThan(1e-4);
});

it("checks its sizes and weights", () => {
  expect(() => turnsEncoder({ ...sizes, hidden: 0 })).toThrow("hidden is 0");
  const flat = { tokens: tf.zeros([2, 3], "int32"), weight: tf.ones([2, 3]) };
  expect(() => encoder.apply(params, flat)).toThrow("the tokens of turns");
});
