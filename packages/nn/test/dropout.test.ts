/** Dropout: the share of kept values, and no dropout in evaluation. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { dropout, dropoutLayer, sequential } from "@ergodic/nn";
import { derivativeError, enginesOnThisMachine, valuesOf, wave } from "./support.js";

describe.each(enginesOnThisMachine)("dropout on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("keeps the mean, scales what is kept, and does nothing at rate 0", async () => {
    const run = compile((x: tf.Tensor, key: ReturnType<typeof random.key>) => dropout(x, 0.25, key));
    const values = valuesOf(await run(tf.ones([20_000]), random.key(1)));
    expect(new Set(values.map((value) => value.toFixed(6)))).toEqual(new Set(["0.000000", "1.333333"]));
    // The kept share has sd 0.003. The bound is six of these.
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 20_000 - 1)).toBeLessThan(0.025);
    const x = wave(0, 3);
    expect(dropout(x, 0, random.key(1))).toBe(x);
    expect(() => dropout(x, 1, random.key(1))).toThrow(/rate is 1/);
  });

  it("as a layer draws from the key of learning, and is off without one", async () => {
    const layer = dropoutLayer({ rate: 0.5 });
    const x = wave(0, 64);
    const key = random.key(2);
    const run = compile((input: tf.Tensor, k: typeof key) => layer.apply([], input, { key: k }));
    expect(valuesOf(await run(x, key))).toEqual(valuesOf(dropout(x, 0.5, key)));
    expect(valuesOf(await run(x, key))).not.toEqual(valuesOf(await run(x, random.key(3))));
    expect(layer.apply([], x)).toBe(x);
    expect(layer.apply([], x, {})).toBe(x);
  });

  it("members of a sequence draw independently", () => {
    const twice = sequential(dropoutLayer({ rate: 0.5 }), dropoutLayer({ rate: 0.5 }));
    const y = valuesOf(twice.apply([[], []], tf.ones([4000]), { key: random.key(4) }));
    // Both keep a quarter, with sd 0.007. The bound is six of these. If both dropped the same
    // values, half would remain.
    expect(Math.abs(y.filter((value) => value === 4).length / 4000 - 0.25)).toBeLessThan(0.042);
  });

  it("has right first and second derivatives", async () => {
    expect(await derivativeError(dropoutLayer({ rate: 0.3 }), [2, 5], { key: random.key(5) })).toBeLessThan(1e-3);
  });

  it("refuses rates outside of [0, 1)", () => {
    expect(() => dropoutLayer({ rate: 1 })).toThrow(ValidationError);
    expect(() => dropoutLayer({ rate: -0.1 })).toThrow(/rate is -0.1/);
  });
});
