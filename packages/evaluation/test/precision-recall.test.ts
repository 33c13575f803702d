import { describe, expect, it } from "vitest";
import { areaUnderPrecisionRecall, averagePrecision } from "../src/entries/detection.js";

const plain = { labels: [0, 0, 1, 1], scores: Float64Array.of(0.1, 0.4, 0.35, 0.8) };
const tied = {
  labels: Uint8Array.of(1, 0, 1, 1, 0, 0, 1, 0),
  scores: Float64Array.of(0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3),
};

describe("precision and recall", () => {
  // By hand, the points (recall, precision) are (1/2, 1), (1/2, 1/2), (1, 2/3), (1, 1/2).
  // With the tie at 0.7 as one threshold they are
  // (1/4, 1), (1/4, 1/2), (3/4, 3/4), (3/4, 3/5), (3/4, 1/2), (1, 4/7), (1, 1/2).
  it("areas by the trapezoid rule, ties sharing a threshold", () => {
    expect(areaUnderPrecisionRecall(plain.labels, plain.scores)).toBeCloseTo(19 / 24, 12);
    expect(areaUnderPrecisionRecall(tied.labels, tied.scores)).toBeCloseTo(39 / 56, 12);
  });

  it("average precision", () => {
    expect(averagePrecision(plain.labels, plain.scores)).toBeCloseTo(5 / 6, 12);
    expect(averagePrecision(tied.labels, tied.scores)).toBeCloseTo(43 / 56, 12);
  });

  it("depends on the order of the scores alone, and not on the order of the examples", () => {
    const shuffled = [7, 3, 0, 5, 2, 6, 1, 4];
    const labels = shuffled.map((i) => tied.labels[i]!);
    const scores = Float64Array.from(shuffled, (i) => Math.exp(3 * tied.scores[i]!));
    expect(areaUnderPrecisionRecall(labels, scores)).toBeCloseTo(39 / 56, 12);
  });

  it("is 1 for a perfect score; for one equal score precision is the share of positives", () => {
    expect(areaUnderPrecisionRecall([1, 0, 1], Float64Array.of(3, 1, 2))).toBe(1);
    expect(averagePrecision([1, 0, 0, 0], Float64Array.of(5, 5, 5, 5))).toBe(0.25);
    expect(areaUnderPrecisionRecall([1, 0, 0, 0], Float64Array.of(5, 5, 5, 5))).toBe(0.625);
  });

  it("refuses unequal lengths, other labels, no positives and scores that are not finite", () => {
    expect(() => areaUnderPrecisionRecall([1], Float64Array.of(1, 2))).toThrow(/1 labels and 2 scores/);
    expect(() => areaUnderPrecisionRecall([1, 2], Float64Array.of(1, 2))).toThrow(/labels\[1\] is 2/);
    expect(() => averagePrecision([0, 0], Float64Array.of(1, 2))).toThrow(/no label is 1/);
    expect(() => averagePrecision([1, 0], Float64Array.of(1, NaN))).toThrow(/scores\[1\] is NaN/);
  });
});
