/** Ten lines in the form of each loader of texts: what is kept, and what becomes of the words. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readPublishedText, readTexts } from "../../src/entries/node.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ten-"));
});
afterAll(() => rm(folder, { recursive: true }));

const put = async (name: string, lines: readonly string[]): Promise<string> => {
  await writeFile(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  return join(folder, name);
};

/** Sentences as the Penn Treebank of Mikolov has them: spaces around, `<unk>` and N in their places. */
const sentences = [
  "no it was n't black monday",
  "but while the new york stock exchange did n't fall apart friday",
  "some circuit breakers installed after the october N crash failed",
  "the N stock specialist firms on the big board floor",
  "big investment banks refused to step up to the plate",
  "heavy selling of standard & poor 's 500-stock index futures",
  "seven big board stocks ual amr bankamerica walt disney",
  "the <unk> has already begun",
  "the equity market was <unk>",
  "once again the specialists were not able to handle the <unk>",
];
const words = sentences.map((line) => line.split(" "));

it("of the Penn Treebank", async () => {
  await put(
    "ptb.train.txt",
    sentences.map((line) => ` ${line} `),
  );
  expect(await readPublishedText("ptb", { from: folder, split: "train" })).toEqual(words);
});

it("of labels and words with a tab between them", async () => {
  const path = await put(
    "ten.tsv",
    sentences.map((line, i) => `${["sports", "world", "business"][i % 3]}\t${line}`),
  );
  const { sentences: found, labels, classes } = await readTexts(path);
  expect(found).toEqual(words);
  expect(classes).toEqual(["business", "sports", "world"]);
  expect([...labels!]).toEqual([1, 2, 0, 1, 2, 0, 1, 2, 0, 1]);
});

it("of JSON, with labels from 1 as AG News has them", async () => {
  const objects = sentences.map((text, i) => ({ label: 1 + (i % 4), text, headline: "not read", id: `id${i}` }));
  const path = await put(
    "ten.jsonl",
    objects.map((one) => JSON.stringify(one)),
  );
  const { sentences: found, labels, classes } = await readTexts(path);
  expect(found).toEqual(words);
  expect(classes).toEqual(["1", "2", "3", "4"]);
  expect([...labels!]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1]);
});
