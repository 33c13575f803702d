/**
 * Examples judged against training and held-out examples, and scores that depend on nothing else.
 */
import * as tf from "@tensorflow/tfjs-core";
import { arrayDataset, subset } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { random, type Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleScores, type ScoreBatch } from "../../src/model/example-scores.js";
import { noveltyScores, type NoveltyRequest } from "../../src/model/novelty.js";
import type { ScoringProgress } from "../../src/progress.js";

beforeAll(() => useEngine("cpu"));

type Numbers = { readonly numbers: tf.Tensor1D };
const numbers = (values: readonly number[]) =>
  arrayDataset(`${values.length} numbers`, {
    numbers: { values: Float32Array.from(values), shape: [values.length] },
  });
const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

const itself: ScoreBatch = (batch) => Promise.resolve(tf.clone((batch as Numbers).numbers));

/** The example with noise of its own, as at the end of a chain. */
const noisy: ScoreBatch = (batch, key: Key) => {
  const { numbers: values } = batch as Numbers;
  return Promise.resolve(tf.add(values, random.normal(key, values.shape)) as tf.Tensor1D);
};

describe("the score of an example", () => {
  const key = random.key(3);
  const all = numbers(range(120));
  const scores = (data: Parameters<typeof exampleScores>[0], score = noisy) =>
    exampleScores(data, { score, key, n: 1000, what: "numbers" });

  it("depends neither on the other examples nor on their order", async () => {
    const whole = await scores(all);
    const chosen = Int32Array.of(77, 3, 119, 4);
    expect([...(await scores(subset(all, chosen)))]).toEqual(Array.from(chosen, (i) => whole[i]));
    expect([...(await scores(subset(all, Int32Array.of(60))))]).toEqual([whole[60]]);
  });

  it("depends on the key, and is the same again for the same one", async () => {
    const [one] = await scores(all);
    expect((await scores(all))[0]).toBe(one);
    const other = await exampleScores(all, { score: noisy, key: random.key(4), n: 1000, what: "numbers" });
    expect(other[0]).not.toBe(one);
  });

  it("is that of a random part where there are too many", async () => {
    const some = await exampleScores(all, { score: itself, key, n: 40, what: "numbers" });
    expect(new Set(some).size).toBe(40);
    expect([...some].sort((a, b) => a - b)).toEqual([...some]);
    expect([...some]).not.toEqual(range(40));
  });

  it("leaves no tensors behind", async () => {
    const before = tf.memory().numTensors;
    await scores(all, itself);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("judgements", () => {
  const judge = (request: Partial<NoveltyRequest> = {}) =>
    noveltyScores({
      ...{ score: itself, examples: numbers([195.5, 96, 197, 1000]), training: numbers(range(100)) },
      ...{ heldOut: numbers(range(199)), falseAlarms: 0.01, n: 1000, key: random.key(0), ...request },
    });

  it("compare with training and held-out examples", async () => {
    const { examples, threshold, falseAlarms, training, heldOut } = await judge();
    // 1 % of 199 + 1 is 2: the second largest of 0 .. 198.
    expect({ threshold, falseAlarms }).toEqual({ threshold: 197, falseAlarms: 0.01 });
    expect(examples).toEqual([
      { score: 195.5, pValue: 4 / 200, trainingShareAbove: 0, flagged: false },
      { score: 96, pValue: 104 / 200, trainingShareAbove: 0.03, flagged: false },
      { score: 197, pValue: 3 / 200, trainingShareAbove: 0, flagged: false },
      { score: 1000, pValue: 1 / 200, trainingShareAbove: 0, flagged: true },
    ]);
    expect([training.scores.length, heldOut.description]).toEqual([100, "199 numbers"]);
  });

  it("use 1 % by default, or the least rate there is", async () => {
    expect((await judge({ falseAlarms: undefined })).falseAlarms).toBe(0.01);
    const few = await judge({ falseAlarms: undefined, heldOut: numbers(range(9)) });
    expect([few.falseAlarms, few.threshold]).toEqual([0.1, 8]);
  });

  it("are refused before anything is scored", async () => {
    const never: ScoreBatch = () => Promise.reject(new Error("scored"));
    const refused = (request: Partial<NoveltyRequest>) => expect(judge({ score: never, ...request })).rejects;
    await refused({ heldOut: numbers(range(50)) }).toThrow(
      /^a rate of 0\.01 false alarms is asked of 50 held-out images, expected at least 99 of them; ask for at least 0\.0197, or/,
    );
    await refused({ n: 50 }).toThrow(/50 held-out images, expected at least 99 of them; raise their number/);
    await refused({ score: undefined }).toThrow(/scores no examples/);
    const batches: Dataset<unknown> = {
      description: "a stream",
      size: 9,
      batches: () => ({ perEpoch: 1, at: () => 0 }),
    };
    await refused({ training: batches }).toThrow(/"a stream" has no take\(\)/);
    await refused({}).toThrow("scored");
  });

  it("are counted as they are made", async () => {
    const told: ScoringProgress[] = [];
    await judge({ onProgress: (at) => told.push(at) });
    expect(told.map(({ what, done }) => [what, done])).toEqual([
      ...[0, 50, 100, 150].map((done) => ["scoring held-out images", done]),
      ...[0, 50].map((done) => ["scoring training images", done]),
      ["scoring images", 0],
    ]);
  });
});
