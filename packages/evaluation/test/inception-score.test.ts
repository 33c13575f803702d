import { random } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { inceptionScore } from "../src/index.js";
import { uniforms } from "./fixtures.js";

const logits = uniforms(21, 100 * 10).map((u) => 8 * u - 4);

describe("inceptionScore", () => {
  // Other programs computed the values in float64 from the formula.
  it.each([
    [1, 2.564884712756, 0],
    [3, 2.477332178118, 0.086442245124],
    [10, 2.285179167002, 0.159304757876],
  ])("in %i splits matches the golden values", (splits, value, sd) => {
    const score = inceptionScore(logits, 10, { splits });
    expect(Math.abs(score.value - value)).toBeLessThan(1e-10);
    expect(Math.abs(score.sd - sd)).toBeLessThan(1e-10);
    expect(score.scores).toHaveLength(splits);
  });

  it("is 1 when every image looks the same, and the number of classes when each is sure and all occur equally", () => {
    expect(inceptionScore(new Float32Array(40), 4, { splits: 1 }).value).toBeCloseTo(1, 12);
    const sure = Float64Array.from({ length: 48 }, (_, at) => (at % 4 === Math.floor(at / 4) % 4 ? 1000 : 0));
    expect(inceptionScore(sure, 4, { splits: 1 }).value).toBeCloseTo(4, 12);
  });

  it("shuffles rows with a key, which changes splits but not the score of all", () => {
    const key = random.key(3);
    expect(inceptionScore(logits, 10, { key }).value).not.toBe(inceptionScore(logits, 10).value);
    expect(inceptionScore(logits, 10, { key, splits: 1 }).value).toBeCloseTo(2.564884712756, 10);
  });

  it("does not change when a constant is added to an image's logits", () => {
    const moved = logits.map((value, at) => value + 700 * Math.floor(at / 10));
    expect(inceptionScore(moved, 10).value).toBeCloseTo(2.285179167002, 9);
  });

  it("refuses more splits than images and numbers that are not finite", () => {
    expect(() => inceptionScore(logits.subarray(0, 50), 10)).toThrow(/splits is 10.*there are 5 rows/);
    expect(() => inceptionScore(Float64Array.of(0, Infinity), 2, { splits: 1 })).toThrow(/Infinity at index 1/);
  });
});
