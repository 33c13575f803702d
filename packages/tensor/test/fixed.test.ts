/**
 * Place and type distinguish fixed members from trained parameters. Averages leave them unchanged.
 */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { ema, trainedPart, tree, ValidationError, withTrained, type Trained } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

type Params = {
  readonly layers: readonly { readonly weight: tf.Tensor; readonly $fixed: { readonly signs: tf.Tensor } }[];
  readonly bias: tf.Tensor;
};

const params = (): Params => ({
  layers: [{ weight: tf.tensor1d([1, 2]), $fixed: { signs: tf.tensor1d([1, -1]) } }],
  bias: tf.scalar(3),
});

describe("fixed members", () => {
  it("are absent from the trained part, by value and by type", () => {
    const part = trainedPart(params());
    expect(tree.paths(part)).toEqual(["bias", "layers.0.weight"]);
    expectTypeOf(part).toEqualTypeOf<{
      readonly layers: readonly { readonly weight: tf.Tensor }[];
      readonly bias: tf.Tensor;
    }>();
    expectTypeOf<Trained<tf.Tensor2D>>().toEqualTypeOf<tf.Tensor2D>();
  });

  it("come back with withTrained, which undoes trainedPart", () => {
    const given = params();
    const again = withTrained(given, trainedPart(given));
    expect(tree.paths(again)).toEqual(tree.paths(given));
    tree.zip((a, b) => expect(a).toBe(b), again, given);
  });

  it("a tree without fixed members is its own trained part", () => {
    const plain = { a: [tf.scalar(1)] };
    expect(trainedPart(plain)).toBe(plain);
    expect(withTrained({ a: [tf.scalar(0)] }, plain)).toBe(plain);
  });

  it("refuses a trained part of another structure by its place", () => {
    const other = { layers: [{ weights: tf.zeros([2]) }], bias: tf.scalar(0) };
    expect(() => withTrained(params(), other as unknown as Trained<Params>)).toThrow(ValidationError);
    expect(() => withTrained(params(), other as unknown as Trained<Params>)).toThrow(/layers\.0/);
  });
});

describe("ema", () => {
  it("is a' = d a + (1 - d) p with d = min(decay, (1 + t)/(10 + t)), and takes fixed members from the parameters", () => {
    const average = ema(0.5);
    const start = average.start({ w: tf.tensor1d([1]), $fixed: { u: tf.tensor1d([7]) } });
    const moved = { w: tf.tensor1d([3]), $fixed: { u: tf.tensor1d([8]) } };
    const first = average.next(start, moved, tf.scalar(1));
    expect(first.w.dataSync()[0]).toBeCloseTo((2 / 11) * 1 + (9 / 11) * 3, 6);
    expect(first.$fixed.u).toBe(moved.$fixed.u);
    // (1 + 100)/(10 + 100) exceeds the decay, so the decay applies.
    expect(average.next(first, moved, tf.scalar(100)).w.dataSync()[0]).toBeCloseTo(
      0.5 * first.w.dataSync()[0]! + 1.5,
      6,
    );
  });

  it.each([0, 1, NaN])("refuses the decay %f", (decay) => {
    expect(() => ema(decay)).toThrow(/decay is/);
  });
});
