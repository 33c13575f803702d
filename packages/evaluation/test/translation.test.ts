/** Scores of translations: known values, a perfect model, baselines, sequences, the crossing. */
import { imageDataset, paired, pointDataset } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import {
  courseOf,
  loadPairs,
  meanRows,
  pairedScores,
  pairError,
  readTranslationPlan,
  retrieval,
  spread,
  temporalScores,
  translationScores,
  type Rows,
  type TranslationModel,
  type TranslationScores,
} from "@ergodic/evaluation/translation";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

const rows = (size: number, ...values: number[]): Rows => ({
  values: Float64Array.from(values),
  count: values.length / size,
  size,
});

describe("scores of rows", () => {
  it("are errors as shares of the range, decibels, and shares of nearest counterparts", () => {
    const truths = rows(2, -1, -1, 1, 1);
    const { mae, psnr, retrieval: found } = pairedScores(rows(2, -1, 0, 0, 0), truths);
    // One number of the first row and both of the second are off by 1, half of the range.
    expect(mae).toBe(0.375);
    expect(psnr).toBeCloseTo((-10 * Math.log10(0.125) - 10 * Math.log10(0.25)) / 2, 10);
    // The second row is as near to both, which is no hit.
    expect(found).toBe(0.5);
    expect(retrieval(rows(2, 1, 1, -1, -1), truths)).toBe(0);
    expect(retrieval(rows(2, 0, 0, 0, 0), truths)).toBe(0);
    expect(pairError(rows(2, -1, 0, 4, 5), truths)).toBe(3);
  });

  it("have the spread of all pairs of rows, and the mean row has none", () => {
    const some = rows(2, 0, 0, 3, 4, 0, 1);
    // Squared distances 25, 1 and 18 over two numbers.
    expect(spread(some)).toBeCloseTo(Math.sqrt(44 / 3 / 2), 10);
    expect(spread(meanRows(some))).toBeCloseTo(0, 10);
    expect(meanRows(some).values[0]).toBeCloseTo(1, 10);
    expect(meanRows(some).values[1]).toBeCloseTo(5 / 3, 10);
  });

  it("of sequences are the changes of frames, and what a predictor misses", () => {
    const truths = rows(1, 0, 1, 2, 0, 2, 4);
    const still = rows(1, 0, 0.5, 1, 0, 1, 2);
    const { flicker, consistency } = temporalScores(still, truths, { time: 3, foretold: [rows(1, 1, 1.5)] });
    expect(flicker).toBe(0.5);
    expect(consistency).toBe(0.25);
    expect(temporalScores(truths, truths, { time: 3, foretold: [] })).toEqual({ flicker: 1 });
  });

  it.each([
    [() => pairedScores(rows(1, 0, 1), rows(2, 0, 1)), /2 rows of 1 and 1 rows of 2/],
    [() => pairError(rows(1, 0), rows(1, 0, 1)), /1 rows of 1 and 2 rows of 1/],
  ])("refuse rows that do not belong together (%#)", (ask, message) => expect(ask).toThrow(message));
});

describe("translationScores", () => {
  beforeAll(() => useEngine("cpu"));

  /**
   * A model whose raw output is off by `off`, and whose chain mends it. Translation is the
   * negative.
   */
  const negatives = (off: number): TranslationModel => ({
    steps: 3,
    observe: ({ x, y }: { x: { images: tf.Tensor }; y: { images: tf.Tensor } }) => ({ x: x.images, y: y.images }),
    translate: (examples, { steps }) =>
      Promise.resolve(tf.tidy(() => tf.add(tf.neg(examples), steps === 0 ? off : 0) as tf.Tensor)),
  });

  const images = (sign: 1 | -1) => ({
    load: () => {
      const bytes = Uint8Array.from(random.integers(random.key("images"), [120 * 16], { high: 200 }).dataSync());
      const shown = sign === 1 ? bytes : bytes.map((byte) => 255 - byte);
      return Promise.resolve(imageDataset({ description: "noise", bytes: shown, imageShape: [4, 4, 1] }));
    },
  });
  const pairsOf = () => loadPairs({ pairs: paired(images(1), images(-1)) as never });

  it("scores raw and refined output beside the input and the mean", async () => {
    const pairs = await pairsOf();
    const before = tf.memory().numTensors;
    const { x, y } = await translationScores({ model: negatives(0.1), pairs, n: 110, key: random.key(0) });
    expect(tf.memory().numTensors).toBe(before);
    expect(y.examples).toBe(110);
    expect(y.raw.mae).toBeCloseTo(0.05, 2);
    expect(y.refined.mae).toBeCloseTo(0, 5);
    expect(y.refined.retrieval).toBe(1);
    expect(y.refined.diversity).toBeCloseTo(1, 5);
    expect(y.identity!.change).toBe(0);
    expect(y.mean.diversity).toBe(0);
    // There and back: -(-x + 0.1) + 0.1 = x.
    expect(y.cycle).toBeCloseTo(0, 5);
    expect(x.to).toBe("x");
  });

  it("scores points by distances and discrepancy, and sequences over time", async () => {
    const frames = (sign: number) => ({
      load: () => {
        const at = Float32Array.from({ length: 8 }, (_, i) => sign * (i + 1));
        const dataset = pointDataset("points", at);
        return Promise.resolve(dataset);
      },
    });
    const model: TranslationModel = {
      steps: 1,
      // Three frames that move by 1.
      observe: ({ x, y }: { x: { points: tf.Tensor }; y: { points: tf.Tensor } }) => ({
        x: tf.stack([x.points, tf.add(x.points, 1), tf.add(x.points, 2)], 1),
        y: tf.stack([y.points, tf.sub(y.points, 1), tf.sub(y.points, 2)], 1),
      }),
      translate: (examples) => Promise.resolve(tf.neg(examples)),
      predict: ([first, second]) => Promise.resolve(tf.sub(tf.mul(2, second), first)),
    };
    const pairs = await loadPairs({ pairs: paired(frames(1), frames(-1)) as never });
    const { x, y } = await translationScores({ model, pairs, n: 10, key: random.key(0) });
    for (const scores of [x, y]) {
      expect(scores.examples).toBe(12);
      expect(scores.raw.pairError).toBeCloseTo(0, 6);
      expect(scores.raw.discrepancy).toBeLessThan(1e-6);
      expect(scores.raw.temporal!.flicker).toBeCloseTo(1, 6);
      expect(scores.raw.temporal!.consistency).toBeCloseTo(0, 6);
      expect(scores.raw.mae).toBeUndefined();
    }
  });

  it("needs two pairs, and pairs that are found by their numbers", async () => {
    const pairs = await pairsOf();
    const ask = translationScores({ model: negatives(0), pairs, n: 1, key: random.key(0) });
    await expect(ask).rejects.toThrow(/there is 1 pair/);
    const source = { load: () => Promise.resolve({ description: "stream", size: 1, batches: () => ({}) as never }) };
    await expect(loadPairs({ pairs: source })).rejects.toThrow(/stream has no take/);
    expect(readTranslationPlan({ test: source })).toBeUndefined();
    expect(() => readTranslationPlan({ pairs: 3 })).toThrow(/pairs is no data source/);
  });
});

describe("courseOf", () => {
  const at = (iteration: number, raw: number, refined: number) => {
    const direction = { raw: { mae: raw, diversity: 1 }, refined: { mae: refined, diversity: 1 } };
    return { iteration, scores: { x: direction, y: direction } as unknown as TranslationScores };
  };

  it("crosses where refined is no better than raw from then on", () => {
    const course = courseOf([at(30, 2, 2.5), at(10, 5, 4), at(20, 3, 3)], "x");
    expect(course.points.map(({ iteration }) => iteration)).toEqual([10, 20, 30]);
    expect(course.crossing).toBe(20);
    expect(courseOf([at(10, 5, 4), at(20, 3, 2)], "y").crossing).toBeUndefined();
  });
});
