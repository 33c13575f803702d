/** Selections read small conditions without copies of them. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import { fuse } from "../src/onnx/fuse.js";
import { record } from "../src/recorder/record.js";
import { inRuntime } from "./ways.js";

type Fn = (...xs: tf.Tensor[]) => tf.Tensor;

const kernelsOf = (fn: Fn, xs: readonly tf.Tensor[]): string[] => {
  const options = { engine: "onnx", supports: () => true, alternatives: [] };
  return fuse(record(fn as (...args: never[]) => unknown, xs, options).graph, undefined).nodes.map(
    ({ kernel }) => kernel,
  );
};

async function inProgram(fn: Fn, xs: readonly tf.Tensor[]): Promise<number[]> {
  const compiled = compile(fn, inRuntime);
  const result = await compiled(...xs);
  await compiled.dispose();
  return [...result.dataSync()];
}

beforeAll(() => useEngine("onnx"));

describe("a selection", () => {
  const pick: Fn = (at, x, y) => tf.where(tf.broadcastTo(tf.greater(at!, 0), x!.shape), x!, y!);
  const x = () => tf.reshape(tf.range(0, 20), [5, 4]);

  it.each([[[5, 1]], [[1, 4]], [[1, 1]]])("by a condition of shape [%s] makes no copy of it", async (shape) => {
    const at = tf.reshape(tf.sin(tf.range(1, 1 + shape[0]! * shape[1]!)), shape);
    const xs = [at, x(), tf.neg(x())];
    expect(kernelsOf(pick, xs)).toEqual(["Greater", "Select"]);
    expect(await inProgram(pick, xs)).toEqual([...pick(...xs).dataSync()]);
  });

  it("by a condition that is repeated keeps the repetition", async () => {
    const repeated: Fn = (at, x, y) => tf.where(tf.tile(tf.greater(at!, 0), [1, 2]), x!, y!);
    const xs = [tf.tensor2d([1, -1, -1, 1, 1, 1, -1, -1, 1, -1], [5, 2]), x(), tf.neg(x())];
    expect(kernelsOf(repeated, xs)).toContain("Tile");
    expect(await inProgram(repeated, xs)).toEqual([...repeated(...xs).dataSync()]);
  });
});

it("finite numbers are all but NaN and the infinities", async () => {
  const numbers = tf.tensor1d([0, -0, 1e-45, -3.4028234663852886e38, 3.4028234663852886e38, NaN, Infinity, -Infinity]);
  expect(await inProgram((x) => tf.cast(tf.isFinite(x!), "int32"), [numbers])).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
});
