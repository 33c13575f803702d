/** The noise of a chain is one input of its model, with the numbers that each step would draw. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import { inOne } from "../src/onnx/joined-inputs.js";
import { lowerToOnnx } from "../src/onnx/lower.js";
import { record } from "../src/recorder/record.js";
import { relativeError } from "./relative-error.js";
import { inRuntime } from "./ways.js";

const STEPS = 40;
type Chain = (x: tf.Tensor, w: tf.Tensor, key: Key) => tf.Tensor[];

/** Steps towards tanh(x w), with noise of this scale. The noise of one step is also a result. */
const chain =
  (scale: (noise: tf.Tensor) => tf.Tensor, shown?: number): Chain =>
  (x, w, key) => {
    const results: tf.Tensor[] = [];
    const last = random.split(key, STEPS).reduce((at, child, i) => {
      const noise = random.normal(child, [4, 3]);
      if (i === shown) results.push(noise);
      const pull = tf.mul(0.1, tf.sub(at, tf.tanh(tf.matMul(tf.abs(tf.sin(at)), w))));
      return tf.add(tf.sub(tf.cos(at), tf.exp(tf.neg(tf.square(pull)))), scale(noise));
    }, x);
    return [last, ...results];
  };
const args = () => [tf.ones([4, 3]), random.normal(random.key("w"), [3, 3]), random.key("chain")] as const;

function joinedIn(fn: Chain): (readonly number[])[] {
  const options = { engine: "onnx", supports: () => true, alternatives: [] };
  const joined = new Map<string, readonly number[]>();
  lowerToOnnx(record(fn as (...given: never[]) => unknown, args(), options).graph, { structured: true, joined });
  return [...joined.values()];
}

beforeAll(() => useEngine("onnx"));

describe("the noise of a chain", () => {
  const chains: [string, Chain, number][] = [
    ["of one scale", chain((noise) => tf.mul(0.4, noise)), STEPS - 2],
    ["without a scale", chain((noise) => noise), STEPS - 2],
    ["of a scale that its size decides", chain((noise) => tf.mul(tf.mean(noise), noise)), STEPS - 2],
  ];

  it.each(chains)("%s is one input and has the numbers of the steps", async (_, fn, atLeast) => {
    const [indices, ...others] = joinedIn(fn);
    expect(others).toEqual([]);
    expect(indices!.length).toBeGreaterThanOrEqual(atLeast);
    const compiled = compile(fn, inRuntime);
    const [found, expected] = [await compiled(...args()), fn(...args())];
    await compiled.dispose();
    expect(relativeError(found[0]!, expected[0]!)).toBeLessThan(1e-4);
  });

  it("is an input for each step where something else reads one of them", async () => {
    const fn = chain((noise) => tf.mul(0.4, noise), 7);
    expect(joinedIn(fn).flat()).not.toContain(7 + 2);
    const compiled = compile(fn, inRuntime);
    const [found, expected] = [await compiled(...args()), fn(...args())];
    await compiled.dispose();
    expect(relativeError(found[0]!, expected[0]!)).toBeLessThan(1e-4);
    expect([...found[1]!.dataSync()]).toEqual([...expected[1]!.dataSync()]);
  });
});

describe("arrays in one", () => {
  const into = () => new Int32Array(4);

  it("are not copied where they lie one behind the other", () => {
    const memory = Float32Array.from({ length: 9 }, (_, i) => i);
    const one = inOne([memory.subarray(2, 4), memory.subarray(4, 5), memory.subarray(5, 8)], into);
    expect([...one]).toEqual([2, 3, 4, 5, 6, 7]);
    expect(one.buffer).toBe(memory.buffer);
    expect(inOne([memory], into)).toBe(memory);
  });

  it("are copied where they do not", () => {
    const memory = Int32Array.from({ length: 9 }, (_, i) => i);
    for (const parts of [
      [memory.subarray(4, 6), memory.subarray(2, 4)],
      [memory.subarray(4, 6), Int32Array.of(2, 3)],
    ])
      // prettier-ignore
      expect(inOne(parts, into)).toEqual(Int32Array.of(4, 5, 2, 3));
  });
});
