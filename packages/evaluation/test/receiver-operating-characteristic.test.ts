import { describe, expect, it } from "vitest";
import {
  areaUnderPrecisionRecall,
  areaUnderRoc,
  averagePrecision,
  falseAlarmsAt,
  hitsAt,
} from "../src/entries/detection.js";
import { uniforms } from "./fixtures.js";

const labels = [0, 0, 1, 1, 0, 1, 0, 1, 1, 0];
const scores = Float64Array.of(0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.2, 0.4, 0.7, 0.7);

describe("detection scores", () => {
  // Values of scikit-learn; the trapezoid is by sklearn.metrics.auc.
  it("match golden values", () => {
    expect(areaUnderRoc(labels, scores)).toBeCloseTo(0.78, 12);
    expect(averagePrecision(labels, scores)).toBeCloseTo(0.789285714286, 11);
    expect(areaUnderPrecisionRecall(labels, scores)).toBeCloseTo(0.826785714286, 11);
    expect(falseAlarmsAt(0.95, labels, scores)).toBe(0.6);
    expect(hitsAt(0.2, labels, scores)).toBe(0.6);
    expect(hitsAt(0, labels, scores)).toBe(0.4);
    expect(hitsAt(1, labels, scores)).toBe(1);
  });

  // By scikit-learn: roc_auc_score, average_precision_score, auc(recall, precision), and
  // roc_curve(drop_intermediate=False).
  it("match scikit-learn on 300 scores with ties", () => {
    const many = Array.from(uniforms(34, 300), (u) => (u < 0.3 ? 1 : 0));
    const tied = uniforms(35, 300).map((u, i) => Math.floor(40 * (u + 0.4 * many[i]!)) / 40);
    expect(areaUnderRoc(many, tied)).toBeCloseTo(0.815804174496, 11);
    expect(averagePrecision(many, tied)).toBeCloseTo(0.716395041286, 11);
    expect(areaUnderPrecisionRecall(many, tied)).toBeCloseTo(0.72454461442, 11);
    expect(falseAlarmsAt(0.95, many, tied)).toBeCloseTo(0.56157635468, 11);
    expect(hitsAt(0.05, many, tied)).toBeCloseTo(0.360824742268, 11);
  });

  it("area is the share of pairs in the right order, equal ones counting half", () => {
    const s = uniforms(4, 60).map((u) => Math.floor(12 * u));
    const l = Array.from(uniforms(5, 60), (u) => (u < 0.3 ? 1 : 0));
    let [right, pairs] = [0, 0];
    l.forEach((a, i) =>
      l.forEach((b, j) => {
        if (a !== 1 || b !== 0) return;
        pairs += 1;
        right += s[i]! > s[j]! ? 1 : s[i] === s[j] ? 0.5 : 0;
      }),
    );
    expect(areaUnderRoc(l, s)).toBeCloseTo(right / pairs, 12);
    expect(
      areaUnderRoc(
        l.map((one) => 1 - one),
        s.map((value) => -value),
      ),
    ).toBeCloseTo(right / pairs, 12);
  });

  it("take a rate that is a count for that count, whatever its product rounds to", () => {
    // The first positive comes after k of n negatives, the first negative after k of n positives.
    // Both rates are k/n, and 1 - (n - k)/n.
    const wrong: string[] = [];
    for (let n = 1; n <= 120; n++) {
      const falling = Float64Array.from({ length: n + 1 }, (_, i) => -i);
      for (let k = 1; k <= n; k++) {
        const late = Uint8Array.from(falling, (_, i) => (i === k ? 1 : 0));
        const early = late.map((label) => 1 - label);
        for (const rate of [k / n, 1 - (n - k) / n])
          if (hitsAt(rate, late, falling) !== 1 || falseAlarmsAt(rate, early, falling) !== 0) wrong.push(`${k}/${n}`);
        if (hitsAt((k - 0.5) / n, late, falling) !== 0) wrong.push(`${k - 0.5}/${n}`);
        if (k < n && falseAlarmsAt((k + 0.5) / n, early, falling) !== 1) wrong.push(`${k + 0.5}/${n}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("does not squash: energies far beyond 16.6 are told apart", () => {
    expect(areaUnderRoc([0, 1, 0, 1], Float64Array.of(1000, 1001, 1e6, 1e6 + 1))).toBe(0.75);
    expect(areaUnderRoc([0, 1, 1], Float64Array.of(5, 5, 5))).toBe(0.5);
  });

  it("refuse a missing class and impossible rates", () => {
    expect(() => areaUnderRoc([1, 1], Float64Array.of(1, 2))).toThrow(/no label is 0/);
    expect(() => areaUnderRoc([0, 0], Float64Array.of(1, 2))).toThrow(/no label is 1/);
    expect(() => falseAlarmsAt(0, labels, scores)).toThrow(/rate is 0/);
  });
});
