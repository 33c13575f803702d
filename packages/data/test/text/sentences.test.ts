/** Sentences as training data: batches with labels, and buckets of nearly one length. */
import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { sentenceSource } from "../../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Sentence i has `lengths[i]` words, all of the number i + 2. */
const lengths = [3, 30, 4, 15, 16, 200, 5, 31, 6, 33];
const sentences = lengths.map((length, i) => new Int32Array(length).fill(i + 2));
const labels = Int32Array.from(lengths, (_, i) => 10 * i);
const options = { batchSize: 2, key: random.key(0) };

/** The numbers of the sentences of a batch, checked against its words, weights and labels. */
function numbersIn({
  before,
  next,
  weight,
  labels: own,
}: {
  before: tf.Tensor2D;
  next: tf.Tensor2D;
  weight: tf.Tensor2D;
  labels: tf.Tensor1D;
}) {
  const [words, shifted, weights] = [next.arraySync(), before.arraySync(), weight.arraySync()];
  const found = words.flatMap((row, i) => {
    const length = weights[i]!.reduce((sum, w) => sum + w, 0) - 1;
    const number = row[0]! - 2;
    if (length < 0) return [];
    expect([length, own.arraySync()[i]]).toEqual([lengths[number], 10 * number]);
    expect(row.slice(0, length)).toEqual(shifted[i]!.slice(1, length + 1));
    return [number];
  });
  const time = next.shape[1];
  tf.dispose([before, next, weight, own]);
  return { found, time };
}

describe("sentences", () => {
  it.each([false, true])("come once in an epoch, with their labels (buckets: %s)", async (buckets) => {
    const data = await sentenceSource(sentences, { labels, buckets }).load();
    const batches = data.batches(options);
    expect(batches.perEpoch).toBe(5);
    for (const epoch of [0, 1]) {
      const all = Array.from({ length: batches.perEpoch }, (_, i) =>
        numbersIn(batches.at(epoch * batches.perEpoch + i)),
      );
      expect(all.flatMap(({ found }) => found).sort()).toEqual(lengths.map((_, i) => i));
    }
  });

  it("of a batch have neighbouring lengths, and are the same whatever was asked for before", async () => {
    const data = await sentenceSource(sentences, { labels, buckets: true }).load();
    const batches = data.batches(options);
    const epoch = Array.from({ length: 5 }, (_, i) => numbersIn(batches.at(i)));
    // With its end a sentence takes 4..16 places (3, 4, 15, 5, 6), 17..32 (30, 16, 31), 33..48 (33)
    // or 193..208 (200). In the order of buckets, two make a batch.
    expect(epoch.map(({ time }) => time).sort((a, b) => a - b)).toEqual([16, 16, 32, 32, 208]);
    expect(numbersIn(data.batches(options).at(3)).found).toEqual(epoch[3]!.found);
    const next = Array.from({ length: 5 }, (_, i) => numbersIn(batches.at(5 + i)).found);
    expect(next).not.toEqual(epoch.map(({ found }) => found));
  });

  it("fill every batch of buckets, and an epoch leaves out others than the one before", async () => {
    const data = await sentenceSource(sentences, { labels, buckets: true, stride: 4 }).load();
    const batches = data.batches({ ...options, batchSize: 3 });
    expect(batches.perEpoch).toBe(3);
    const left = Array.from({ length: 30 }, (_, epoch) => {
      const all = [0, 1, 2].map((i) => numbersIn(batches.at(3 * epoch + i)));
      for (const { found, time } of all) {
        expect(found).toHaveLength(3);
        expect(time).toBe(4 * Math.ceil((Math.max(...found.map((i) => lengths[i]!)) + 1) / 4));
      }
      const found = all.flatMap((batch) => batch.found);
      return lengths.findIndex((_, i) => !found.includes(i));
    });
    // Each of 10 is left out of 30 epochs with probability 1 - 0.9^30 = 0.96; 5 of them always are.
    expect(new Set(left).size).toBeGreaterThan(5);
  });

  it("have no labels where none are given, and rows left over weigh nothing", async () => {
    const data = await sentenceSource(sentences.slice(0, 3)).load();
    const batch = data.batches({ ...options, batchSize: 2 }).at(1);
    expect(Object.keys(batch)).toEqual(["before", "next", "weight"]);
    expect(batch.next.shape[0]).toBe(2);
    expect([...tf.sum(tf.slice(batch.weight, [1, 0], [1, -1])).dataSync()]).toEqual([0]);
    tf.dispose(batch);
  });

  it("are refused with another number of labels, and batches of more than there are", async () => {
    expect(() => sentenceSource(sentences, { labels: labels.slice(1) })).toThrow(
      /^there are 10 sentences and 9 labels/,
    );
    expect(() => sentenceSource([])).toThrow(/has no sentences/);
    const data = await sentenceSource(sentences, { buckets: true }).load();
    expect(() => data.batches({ ...options, batchSize: 11 })).toThrow(
      /^batchSize is 11, expected at most the 10 examples/,
    );
  });
});
