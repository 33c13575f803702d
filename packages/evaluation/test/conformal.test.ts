/** False alarms that are bounded for any distribution of scores, and shares above a score. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alarmThreshold, conformalPValues, examplesFor, leastFalseAlarms, sharesAbove } from "../src/conformal.js";

/** Few values, so that many scores are equal. */
const someScores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 40 });
const rates = fc.double({ min: 0.01, max: 0.99, noNaN: true });

/** All ways in which one of the scores is new and the others are held out. */
const splits = (scores: readonly number[]) => scores.map((score, i) => ({ score, others: scores.toSpliced(i, 1) }));

describe("conformal p-values", () => {
  it("of distinct exchangeable scores are uniform on 1/(n+1), ..., 1", () => {
    // Exchangeable: each of the n + 1 scores is equally likely to be the new one.
    const scores = [2.5, -1, 7, 0, 3.25];
    const values = splits(scores).map(({ score, others }) => conformalPValues([score], others)[0]);
    expect(values.sort()).toEqual([1, 2, 3, 4, 5].map((k) => k / 5));
  });

  it("of exchangeable scores are at most α with at most probability α, equal scores included", () => {
    fc.assert(
      fc.property(someScores, rates, (scores, rate) => {
        const low = splits(scores).filter(({ score, others }) => conformalPValues([score], others)[0]! <= rate);
        expect(low.length / scores.length).toBeLessThanOrEqual(rate);
      }),
    );
  });

  it("count the held-out scores that are at least the score", () => {
    expect([...conformalPValues([5, 3, 2, -9], [1, 3, 3, 4])]).toEqual([1 / 5, 4 / 5, 4 / 5, 1]);
    expect([...conformalPValues([Infinity], [0])]).toEqual([0.5]);
  });
});

describe("the threshold of alarms", () => {
  it("is passed by exactly the scores whose p-value is at most the rate", () => {
    fc.assert(
      fc.property(someScores, someScores, rates, (heldOut, scores, asked) => {
        fc.pre(heldOut.length >= examplesFor(asked));
        const { threshold, rate } = alarmThreshold(heldOut, asked);
        expect(rate).toBeLessThanOrEqual(asked + 1e-12);
        const values = conformalPValues(scores, heldOut);
        scores.forEach((score, i) => expect(score > threshold).toBe(values[i]! <= rate));
      }),
    );
  });

  it("of 400 scores at 1 % is the fourth largest", () => {
    const heldOut = Array.from({ length: 400 }, (_, i) => (i * 7) % 400);
    expect(alarmThreshold(heldOut, 0.01)).toEqual({ threshold: 396, rate: 4 / 401 });
  });

  it("needs 99 scores at 1 %, and says so", () => {
    const scores = Array.from({ length: 99 }, (_, i) => i);
    expect(examplesFor(0.01)).toBe(99);
    expect(alarmThreshold(scores, 0.01)).toEqual({ threshold: 98, rate: 0.01 });
    expect(() => alarmThreshold(scores.slice(1), 0.01)).toThrow(
      /^98 held-out examples bound no rate .* below 0\.0101.*, but it is 0\.01, expected at least 99 of them/,
    );
  });

  it("exists for the least rate of any number of scores, in spite of rounding", () => {
    for (let n = 1; n < 500; n++) {
      expect(examplesFor(leastFalseAlarms(n))).toBe(n);
      expect(alarmThreshold(new Float64Array(n), leastFalseAlarms(n)).rate).toBe(1 / (n + 1));
    }
  });
});

it("shares above a score are those of a count", () => {
  fc.assert(
    fc.property(someScores, someScores, (scores, others) => {
      const counted = scores.map((score) => others.filter((other) => other > score).length / others.length);
      expect([...sharesAbove(scores, others)]).toEqual(counted);
    }),
  );
});

it("what is no number, no rate or nothing is refused", () => {
  expect(() => conformalPValues([1, NaN], [1])).toThrow("score 1 is NaN");
  expect(() => conformalPValues([1], [NaN])).toThrow("score 0 is NaN");
  expect(() => conformalPValues([1], [])).toThrow("no held-out scores");
  expect(() => sharesAbove([1], [])).toThrow("no other scores");
  for (const rate of [0, 1, NaN, -0.1]) expect(() => alarmThreshold([1, 2], rate)).toThrow(/^rate is/);
});
