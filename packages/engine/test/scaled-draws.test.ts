/** Draws that a number multiplies are made with that deviation, with the same bits. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import type { Graph } from "../src/graph.js";
import { drawScaled } from "../src/passes/scaled-draws.js";
import { record } from "../src/recorder/record.js";

const key = random.key("draws");
const shape = [64, 50];
type Drawing = (key: Key) => tf.Tensor[];

const graphOf = (fn: Drawing): Graph =>
  record(fn as (...args: never[]) => unknown, [key], { engine: "cpu", supports: () => true, alternatives: [] }).graph;
const deviations = ({ inputs }: Graph): number[] =>
  inputs.map(({ source }) => (source.kind === "random" && source.draw.kind === "normal" ? source.draw.sd : NaN));
const products = ({ nodes }: Graph): number => nodes.filter(({ kernel }) => kernel === "Multiply").length;

const scaled: Record<string, Drawing> = {
  "from the left": (k) => [tf.mul(0.3, random.normal(k, shape))],
  "from the right": (k) => [tf.neg(tf.mul(random.normal(k, shape), 7e-5))],
  "in steps of a chain": (k) => [
    random
      .split(k, 3)
      .reduce((x: tf.Tensor, one, i) => tf.add(x, tf.mul(random.normal(one, shape), i + 1.5)), tf.zeros(shape)),
  ],
};
const kept: Record<string, Drawing> = {
  "by a negative number": (k) => [tf.mul(-2, random.normal(k, shape))],
  "by a number whose products underflow": (k) => [tf.mul(1e-38, random.normal(k, shape))],
  "by zero": (k) => [tf.mul(0, random.normal(k, shape))],
  "by different numbers": (k) => [tf.mul(tf.linspace(1, 2, 50), random.normal(k, shape))],
  "to a larger shape": (k) => [tf.mul(tf.fill([3, ...shape], 2), random.normal(k, shape))],
  "and read elsewhere": (k) => {
    const noise = random.normal(k, shape);
    return [tf.mul(2, noise), tf.abs(noise)];
  },
  "with a mean": (k) => [tf.mul(2, random.normal(k, shape, { mean: 1 }))],
  "with a deviation": (k) => [tf.mul(2, random.normal(k, shape, { sd: 3 }))],
  "from another law": (k) => [tf.mul(2, random.uniform(k, shape))],
};

beforeAll(() => useEngine("cpu"));

describe("a normal draw that is multiplied", () => {
  it.each(Object.keys(scaled))("%s has the deviation", (name) => {
    const before = graphOf(scaled[name]!);
    const after = drawScaled(before);
    expect(products(before)).toBeGreaterThan(0);
    expect(products(after)).toBe(0);
    expect(deviations(before).every((sd) => sd === 1)).toBe(true);
    expect(deviations(after).some((sd) => sd === 1)).toBe(false);
  });

  it.each(Object.keys(kept))("%s stays as it is", (name) => {
    const before = graphOf(kept[name]!);
    expect(drawScaled(before)).toEqual(before);
  });

  it.each(["cpu", "onnx"] as const)("has the same bits on %s", async (engine) => {
    for (const fn of [...Object.values(scaled), ...Object.values(kept)]) {
      await useEngine("cpu");
      const expected = fn(key).map((x) => [...x.dataSync()]);
      await useEngine(engine);
      const compiled = compile(fn);
      const found = await compiled(key);
      await compiled.dispose();
      expect(found.map((x) => [...x.dataSync()])).toEqual(expected);
    }
    await useEngine("cpu");
  });
});
