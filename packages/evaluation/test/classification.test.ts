/** Scores of class probabilities: closed forms, and golden values of scikit-learn and NumPy. */
import { describe, expect, it } from "vitest";
import { expectedCalibrationError, probabilityScores, reliabilityTable } from "../src/entries/classification.js";
import { uniforms } from "./fixtures.js";

const classes = 4;

/** Probabilities of 200 examples, and labels that are drawn from them for 7 in 10 examples. */
function noisyAnswers() {
  const [logits, places, kinds, strays] = [41, 42, 43, 44].map((seed, i) => uniforms(seed, i === 0 ? 800 : 200)) as [
    Float64Array,
    ...Float64Array[],
  ];
  const rows = Array.from({ length: 200 }, (_, i) => {
    const weights = logits.subarray(classes * i, classes * (i + 1)).map((u) => Math.exp(6 * u));
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.map((w) => w / total);
  });
  const labels = rows.map((row, i) => {
    if (kinds![i]! >= 0.7) return Math.floor(classes * strays![i]!);
    let sum = 0;
    return row.filter((p) => (sum += p) < places![i]!).length;
  });
  return { logProbabilities: Float64Array.from(rows.flatMap((row) => [...row.map(Math.log)])), labels };
}

describe("scores of class probabilities", () => {
  // from sklearn.metrics import *; p, y: the arrays of noisyAnswers
  // print(accuracy_score(y, p.argmax(1)), log_loss(y, p), brier_score_loss(y, p, scale_by_half=False))
  // conf, right, m = p.max(1), p.argmax(1) == y, 15
  // bin = np.digitize(conf, np.linspace(0, 1, m + 1), right=True) - 1
  // print(sum((bin == b).mean() * abs(right[bin == b].mean() - conf[bin == b].mean()) for b in set(bin)))
  it("match scikit-learn", () => {
    const { logProbabilities, labels } = noisyAnswers();
    const { accuracy, nll, brier, ece, reliability } = probabilityScores(logProbabilities, labels, { classes });
    expect(accuracy).toBe(0.535);
    expect(nll).toBeCloseTo(1.27810875225694, 12);
    expect(brier).toBeCloseTo(0.6494647227861141, 12);
    expect(ece).toBeCloseTo(0.12394370162490531, 12);
    expect(reliability.map(({ count }) => count)).toEqual([1, 1, 5, 13, 39, 29, 34, 23, 20, 16, 14, 5]);
    expect(reliability.at(-1)).toMatchObject({ low: 14 / 15, high: 1, accuracy: 0.6 });
    expect(probabilityScores(logProbabilities, labels, { classes, bins: 10 }).ece).toBeCloseTo(0.12088439431844308, 12);
  });

  it("are those of chance for equal probabilities", () => {
    const even = new Float64Array(12).fill(Math.log(0.25));
    const { nll, brier, ece } = probabilityScores(even, [0, 1, 2], { classes });
    expect(nll).toBeCloseTo(Math.log(4), 12);
    expect(brier).toBeCloseTo(3 / 4, 12);
    // The first class is the answer: one in three is right, at a confidence of a quarter.
    expect(ece).toBeCloseTo(1 / 3 - 1 / 4, 12);
  });

  it("are perfect for certain right answers, and finite where float32 has probability 0", () => {
    const certain = Float32Array.of(0, -200, -200, 0);
    expect(probabilityScores(certain, [0, 1], { classes: 2 })).toMatchObject({ accuracy: 1, ece: 0, nll: 0 });
    expect(probabilityScores(certain, [1, 0], { classes: 2 })).toMatchObject({
      accuracy: 0,
      ece: 1,
      brier: 2,
      nll: 200,
    });
  });

  it.each([
    [[0, 0, 0, 0], [0, 1], /probabilities of example 0 sum to 2/],
    [[0, -Infinity, NaN, 0], [0, 1], /example 1 sum to NaN/],
    [[0, -99, -99, 0], [0], /2 rows of probabilities and 1 labels/],
    [[0, -99, -99, 0], [0, 2], /labels\[1\] is 2/],
    [[0, -99, -99], [0, 1], /no multiple of 2/],
  ])("refuse log p = %j with labels %j", (values, labels, message) => {
    expect(() => probabilityScores(Float64Array.from(values), labels, { classes: 2 })).toThrow(message);
  });
});

describe("a reliability table", () => {
  it("has bins that are open below and closed above, without the empty ones", () => {
    expect(reliabilityTable([0, 0.5, 0.5, 0.6, 1], [0, 1, 0, 1, 1], 2)).toEqual([
      { low: 0, high: 0.5, count: 3, confidence: 1 / 3, accuracy: 1 / 3 },
      { low: 0.5, high: 1, count: 2, confidence: 0.8, accuracy: 1 },
    ]);
    expect(reliabilityTable([0.95], [1], 10)).toMatchObject([{ low: 0.9, high: 1, count: 1 }]);
  });

  it("gives the mean distance of confidence and accuracy, by counts", () => {
    const table = reliabilityTable([0.2, 0.9, 0.9, 0.9], [0, 1, 1, 0], 2);
    expect(expectedCalibrationError(table)).toBeCloseTo(0.25 * 0.2 + 0.75 * (0.9 - 2 / 3), 12);
  });

  it("refuses other confidences, lengths and bins", () => {
    expect(() => reliabilityTable([1.2], [1])).toThrow(/confidences\[0\] is 1\.2/);
    expect(() => reliabilityTable([0.5], [])).toThrow(/1 confidences and 0 answers/);
    expect(() => reliabilityTable([], [])).toThrow(/0 confidences/);
    expect(() => reliabilityTable([0.5], [1], 0)).toThrow(/bins is 0/);
  });
});
