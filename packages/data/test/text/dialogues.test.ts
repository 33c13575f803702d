/** Dialogues in files, and batches of their utterances with the turns before them. */
import "@tensorflow/tfjs-backend-cpu";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { corpus } from "../../src/index.js";
import { readDailyDialog, readDialogues, repliesOf } from "../../src/entries/node.js";

/** Ten dialogues. */
const lines = [
  "Is it raining ? __eou__ Yes , it's pouring . __eou__ Oh no ! __eou__",
  "Hello . __eou__ Hi ! __eou__",
  "Where are you ? __eou__ At home . __eou__ Alone ? __eou__ Yes . __eou__ Why ? __eou__ No reason . __eou__ I see . __eou__",
  "Good night . __eou__",
  "It’s £5 . __eou__ <sil> __eou__",
  "One two three . __eou__ Four . __eou__",
  "Coffee ? __eou__ Tea , please . __eou__",
  "Thanks ! __eou__ __eou__ Bye . __eou__",
  "ÉTÉ is summer __eou__ I know . __eou__",
  "Stop . __eou__ Why ... ? __eou__",
];
const labels = ["2 1 1", "1 1", "2 1 2 1 2 1 1", "1", "1 1", "1 1", "2 3", "1 1 1", "1 1", "3 2"];

let folder = "";
let [path, acts] = ["", ""];
beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "dialogues-"));
  [path, acts] = [join(folder, "dialogues.txt"), join(folder, "acts.txt")];
  await writeFile(path, `${lines.join("\n")}\n`);
  await writeFile(acts, labels.map((line) => `${line} \n`).join(""));
});
afterAll(() => rm(folder, { recursive: true }));

it("are one in each line, with words in lower case and without empty utterances", async () => {
  const dialogues = await readDialogues(path, { labels: acts });
  expect(dialogues.map(({ length }) => length)).toEqual([3, 2, 7, 1, 2, 2, 2, 2, 2, 2]);
  expect(dialogues[0]![1]).toEqual({ words: ["yes", ",", "it", "'", "s", "pouring", "."], label: 1 });
  expect(dialogues[4]!.map(({ words }) => words)).toEqual([["it", "’", "s", "£", "5", "."], ["<sil>"]]);
  expect(dialogues[7]!.map(({ words }) => words[0])).toEqual(["thanks", "bye"]);
  expect(dialogues[8]![0]!.words).toEqual(["été", "is", "summer"]);
  expect((await readDialogues(path))[0]![0]).toEqual({ words: ["is", "it", "raining", "?"] });
});

it("become replies to the turns before them, the oldest first", async () => {
  const { sentences, contexts, labels: found } = repliesOf(await readDialogues(path, { labels: acts }), 3);
  expect(sentences).toHaveLength(25);
  expect(contexts[0]).toEqual([["<d>"]]);
  expect(contexts[2]).toEqual([["<d>"], sentences[0], sentences[1]]);
  expect(contexts[11]).toEqual([sentences[8], sentences[9], sentences[10]]);
  expect([...found!].slice(0, 5)).toEqual([2, 1, 1, 1, 1]);
  expect(repliesOf(await readDialogues(path)).labels).toBeUndefined();
});

it("are batches of sentences with their contexts", async () => {
  const made = corpus({
    read: async () => repliesOf(await readDialogues(path, { labels: acts }), 2),
    words: 9,
    longest: 4,
    stride: 5,
  });
  const { train, contexts, vocabulary } = await made.load();
  expect(contexts!.train).toHaveLength(train.length);
  const data = await made.source("train").load();
  const at = train.findIndex((words) => words.join(" ") === "oh no !");
  const batch = data.take(Int32Array.of(0, at));
  expect(batch.labels!.shape).toEqual([2]);
  const { tokens, weight } = batch.context;
  // Two turns, and as many places as the longest sentence may have.
  expect([tokens.shape, weight.shape]).toEqual([
    [2, 2, 4],
    [2, 2, 4],
  ]);
  const [first, second] = weight.arraySync();
  expect(first).toEqual([
    [1, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
  // The reply before is longer than four words: its first ones are kept.
  expect(second).toEqual([
    [1, 1, 1, 1],
    [1, 1, 1, 1],
  ]);
  expect(tokens.arraySync()[1]![1]).toEqual([...vocabulary.encode(["yes", ",", "it", "'"])]);
  tree.dispose(batch);
});

it("are DailyDialog in its folders, with acts, or the address is told", async () => {
  await mkdir(join(folder, "ijcnlp_dailydialog/train"), { recursive: true });
  await writeFile(join(folder, "ijcnlp_dailydialog/train/dialogues_train.txt"), lines.join("\n"));
  await mkdir(join(folder, "train"));
  await writeFile(join(folder, "train/dialogues_act.txt"), labels.join("\n"));
  expect(await readDailyDialog({ from: folder, split: "train", labels: "act" })).toHaveLength(10);
  await expect(readDailyDialog({ from: folder, split: "test" })).rejects.toThrow(
    /has no test\/dialogues_test.txt, .* get it from http:\/\/yanran.li/,
  );
});

it.each<[string, string, string, RegExp]>([
  ["no end", "a __eou__ b", "1 1", /^dialogue 1 of .* does not end with __eou__/],
  ["few labels", "a __eou__ b __eou__", "1", /has 2 utterances and 1 labels, expected a label for each utterance/],
  ["few lines", "a __eou__\nb __eou__", "1", /has 1 lines of labels, expected 2/],
  ["words for labels", "a __eou__", "one", /^line 1 of .* has "one", expected whole numbers/],
  ["nothing", " \n", "1", /has no dialogues/],
])("are refused: %s", async (_, text, own, message) => {
  const [bad, badLabels] = [join(folder, "bad.txt"), join(folder, "bad-labels.txt")];
  await writeFile(bad, text);
  await writeFile(badLabels, own);
  await expect(readDialogues(bad, { labels: badLabels })).rejects.toThrow(message);
});
