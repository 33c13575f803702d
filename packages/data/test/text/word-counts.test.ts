/** Texts as counts of words. */
import "@tensorflow/tfjs-backend-cpu";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { corpus, wordCounts, type TextSplit } from "../../src/index.js";

beforeAll(() => tf.setBackend("cpu"));

const texts: Record<TextSplit, string[][]> = {
  train: ["a a b", "b a", "rare a", "a b b b", "b"].map((line) => line.split(" ")),
  test: [["z"], ["b", "z", "b"]],
};
const labels: Record<TextSplit, number[]> = { train: [0, -1, 1, -1, 0], test: [1, 0] };
const text = corpus({
  read: (split: TextSplit) => Promise.resolve({ sentences: texts[split], labels: Int32Array.from(labels[split]) }),
  words: 2,
});

it("count known words: b, a, and nothing for the boundary and unknown words", async () => {
  const train = await wordCounts(text, "train").load();
  const batch = train.take(Int32Array.of(0, 2, 3));
  // b is more frequent than a.
  expect(batch.counts.arraySync()).toEqual([
    [0, 0, 1, 2],
    [0, 0, 0, 1],
    [0, 0, 3, 1],
  ]);
  expect([...batch.labels.dataSync()]).toEqual([0, 1, -1]);
  tree.dispose(batch);
  const { size } = train.batches({ batchSize: 2, key: random.key(0) }).at(7).labels;
  expect(size).toBe(2);
});

it("leave out texts of unknown words, and those without a class where it is asked for", async () => {
  const test = await wordCounts(text, "test").load();
  expect([test.size, test.description]).toEqual([1, "1 bags of words"]);
  const labelled = await wordCounts(text, "train", { labelledOnly: true }).load();
  expect(labelled.size).toBe(3);
  const { labels: shown } = labelled.take(Int32Array.of(0, 1, 2));
  expect([...shown.dataSync()]).toEqual([0, 1, 0]);
  const hidden = corpus({
    read: () => Promise.resolve({ sentences: [["a"]], labels: Int32Array.of(-1) }),
    words: 1,
  });
  await expect(wordCounts(hidden, "train", { labelledOnly: true }).load()).rejects.toThrow(
    "the train split has no labelled text",
  );
});
