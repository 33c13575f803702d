/** Labelled sentences of two files: classes by name, and labels that are not shown. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readLabelledTexts } from "../src/preset-parts/labelled-texts.js";

let folder = "";
let [train, test] = ["", ""];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "texts-"));
  [train, test] = [join(folder, "train.tsv"), join(folder, "test.jsonl")];
  const lines = ["good\tso nice", "bad\tso cold", "good\tfine soup", "good\tvery kind", "bad\ttoo salty"];
  await writeFile(train, [...lines, ...lines.map((line) => `${line} indeed`)].join("\n"));
  await writeFile(test, '{"text": "fine", "label": "good"}\n{"text": "cold soup", "label": "good"}\n');
});
afterAll(() => rm(folder, { recursive: true }));

const read = (more: object, split: "train" | "test") =>
  readLabelledTexts({ train, test, labelled: null, symbols: 2, ...more }, split);

it("have the numbers of the training file's classes", async () => {
  const { sentences, labels } = await read({}, "train");
  expect(sentences).toHaveLength(10);
  expect([...labels]).toEqual([1, 0, 1, 1, 0, 1, 0, 1, 1, 0]);
  expect([...(await read({}, "test")).labels]).toEqual([1, 1]);
});

it("show the first labels of each class alone", async () => {
  expect([...(await read({ labelled: 2 }, "train")).labels]).toEqual([1, 0, 1, -1, 0, -1, -1, -1, -1, -1]);
  expect([...(await read({ labelled: 2 }, "test")).labels]).toEqual([1, 1]);
});

it("are refused with too few symbols, strange classes, or none", async () => {
  await expect(read({ symbols: 1 }, "train")).rejects.toThrow("set options.symbols=2");
  const strange = join(folder, "strange.tsv");
  await writeFile(strange, "odd\twords\n");
  await expect(read({ test: strange }, "test")).rejects.toThrow('has the class "odd"');
  const bare = join(folder, "bare.txt");
  await writeFile(bare, "words alone\n");
  await expect(read({ train: bare }, "train")).rejects.toThrow("has no labels");
});
