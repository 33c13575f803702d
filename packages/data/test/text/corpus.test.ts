/** Corpora with a split and a vocabulary, the grammar of templates, and published files. */
import "@tensorflow/tfjs-backend-cpu";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { corpus, templateGrammar, type TextSplit } from "../../src/index.js";
import { readPublishedText } from "../../src/entries/node.js";

let folder = "";
beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "corpus-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a corpus", () => {
  const texts: Record<TextSplit, string[][]> = {
    train: ["a b", "a c", "a b c d e f", "a", "b a", "c"].map((line) => line.split(" ")),
    test: [["a", "z"]],
  };
  const read = (split: TextSplit) => Promise.resolve(texts[split]);

  it("knows its size at once, and its words once it is loaded", async () => {
    const made = corpus({ read, words: 2, longest: 3, stride: 2 });
    expect(made.symbols).toBe(4);
    expect(() => made.textOf([2])).toThrow(/not known yet/);
    const [train, test] = [await made.source("train").load(), await made.source("test").load()];
    expect([train.size, test.size]).toEqual([5, 1]);
    // a is the most frequent of the short sentences, b the next.
    expect(made.textOf([2, 3, 1, 0, 2])).toBe("a b <unk>");
    expect(() => made.textOf([4])).toThrow(/^4 is the number of no word/);
    const wide = corpus({ read, words: 50 });
    await wide.load();
    expect(wide.textOf([2, 40])).toBe("a <unk>");
    const batch = test.take(Int32Array.of(0));
    expect(batch.next.arraySync()).toEqual([[2, 1, 0, 0]]);
    tree.dispose(batch);
  });

  it("takes the same random part of the training sentences every time", async () => {
    const part = async () => (await corpus({ read, words: 9, limit: 3 }).load()).train.map((words) => words.join(" "));
    const [first, again] = [await part(), await part()];
    expect(first).toHaveLength(3);
    expect(again).toEqual(first);
  });

  it("keeps the classes of its sentences, those of short and chosen ones", async () => {
    const labelled = (split: TextSplit) => {
      const sentences = texts[split];
      return Promise.resolve({ sentences, labels: Int32Array.from(sentences, ({ length }) => length) });
    };
    const made = corpus({ read: labelled, words: 4, longest: 3, limit: 4, stride: 2 });
    const { train, labels } = await made.load();
    expect([...labels!.train]).toEqual(train.map(({ length }) => length));
    const batch = (await made.source("train").load()).take(Int32Array.of(0, 3));
    expect([...batch.labels.dataSync()]).toEqual([train[0]!.length, train[3]!.length]);
    tree.dispose(batch);
    const short = () => Promise.resolve({ sentences: texts.train, labels: Int32Array.of(0) });
    await expect(corpus({ read: short, words: 4 }).load()).rejects.toThrow("6 sentences and 1 labels");
  });

  it("refuses counts that are none, and a split without short sentences", async () => {
    expect(() => corpus({ read, words: 0 })).toThrow(/^words is 0/);
    await expect(corpus({ read, words: 2, longest: 1 }).load()).rejects.toThrow(
      /^the test text, up to 1 words, has no sentences/,
    );
  });
});

describe("the grammar of templates", () => {
  it("has 256 equally likely sentences of 60 words", () => {
    const grammar = templateGrammar();
    expect([new Set(grammar.sentences.map((s) => s.join(" "))).size, grammar.words]).toEqual([256, 60]);
    expect(grammar.entropy).toBeCloseTo(5.545177, 6);
    const drawn = grammar.draw(random.key(0), 25_600);
    const topics = drawn.map((sentence) => grammar.topicOf(sentence)!);
    // χ² of 255 degrees of freedom is above 375 with probability 1.4e-6.
    const counts = new Map<string, number>();
    for (const sentence of drawn) counts.set(sentence.join(" "), (counts.get(sentence.join(" ")) ?? 0) + 1);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    expect(counts.size).toBe(256);
    expect(chiSquare).toBeLessThan(375);
    expect(new Set(topics)).toEqual(new Set([0, 1, 2, 3]));
    expect(grammar.topicOf("we ate soup with salt at noon".split(" "))).toBe(1);
    expect(grammar.topicOf("we ate soup with salt in noon".split(" "))).toBeUndefined();
  });
});

describe("published texts", () => {
  it("are read from the files of their archives", async () => {
    await mkdir(join(folder, "simple-examples/data"), { recursive: true });
    await writeFile(join(folder, "simple-examples/data/ptb.train.txt"), " a <unk> b \n\n c \n");
    expect(await readPublishedText("ptb", { from: folder, split: "train" })).toEqual([["a", "<unk>", "b"], ["c"]]);
    const pair = (premise: string, hypothesis: string): string =>
      JSON.stringify({ sentence1_binary_parse: premise, sentence2_binary_parse: hypothesis });
    const pairs = [pair("( ( A dog ) runs )", "( It runs )"), pair("( ( A dog ) runs )", "( It rests )")];
    await writeFile(join(folder, "snli_1.0_test.jsonl"), `${pairs.join("\n")}\n`);
    const found = await readPublishedText("snli", { from: folder, split: "test" });
    expect(found.map((words) => words.join(" "))).toEqual(["a dog runs", "it runs", "it rests"]);
  });

  it("say which file is missing, where it is from and where it goes", async () => {
    await expect(readPublishedText("ptb", { from: folder, split: "test" })).rejects.toThrow(
      `${folder} has no ptb.test.txt, expected that file of the Penn Treebank in 10,000 words; get it from http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz and unpack it into ${folder}`,
    );
    await expect(readPublishedText("yahoo", { from: "", split: "test" })).rejects.toThrow(/^from is ""/);
    await writeFile(join(folder, "snli_1.0_train.jsonl"), "{}\n");
    await expect(readPublishedText("snli", { from: folder, split: "train" })).rejects.toThrow(
      /^line 1 of .* has no parses/,
    );
  });
});
