/** `ergodic evaluate` on text files: scores, their protocol, and what is refused. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { TextScores } from "../src/evaluation/text-scores.js";
import { run } from "../src/program.js";

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ergodic-cli-"));
  const nouns = ["dog", "cat", "bird", "horse"];
  const sentences = nouns.flatMap((a) => nouns.map((b) => `the ${a} sees the ${b} today`));
  await writeFile(at("real.txt"), `${sentences.slice(0, 12).join("\n")}\n\n`);
  await writeFile(at("test.txt"), sentences.slice(12).join("\r\n"));
  await writeFile(at("fake.txt"), "the dog sees the cat today\n  the dog sees   the dog zebra\n");
  await writeFile(at("empty.txt"), "\n \n");
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

let [said, printed] = ["", ""];
beforeEach(() => {
  [said, printed] = ["", ""];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed += String(text)), true));
});

describe("scores of a text file", () => {
  it("are given with their protocol, and again from the language models that were kept", async () => {
    const asked = [at("fake.txt"), "--reference", at("real.txt"), "--held-out", at("test.txt"), "--json"];
    const kept = ["--language-models", at("lm"), "--engine", "onnx"];
    expect(await run(["evaluate", ...asked, ...kept])).toBe(0);
    expect(said).toContain("learning the forward language model\nlearning the reverse language model\n");
    const scores = JSON.parse(printed) as TextScores;
    expect(scores.fppl).toMatchObject({ generated: { sentences: 2, tokens: 14 }, floor: { sentences: 4, tokens: 28 } });
    expect(scores.fppl!.generated.unknown).toBeCloseTo(1 / 14, 12); // zebra
    expect(scores.fppl!.languageModel).toMatchObject({ model: "lstm", hidden: 256, vocabulary: 9, sentences: 12 });
    expect(scores.rppl).toMatchObject({ real: { sentences: 4 }, languageModel: { vocabulary: 9, sentences: 2 } });
    expect(scores.bleu!.found[0]).toBe(11); // of 12 words
    expect(scores.selfBleu!.value).toBeGreaterThan(0.5);
    expect(scores.protocol.files["generated"]!.path).toBe(at("fake.txt"));
    expect(await readdir(at("lm"))).toEqual(["forward", "reverse"]);
    [said, printed] = ["", ""];
    expect(await run(["evaluate", ...asked, ...kept])).toBe(0);
    expect(said).toBe("counting n-grams\n");
    expect(JSON.parse(printed)).toEqual(scores);
  });

  it("read well", async () => {
    expect(await run(["evaluate", at("fake.txt"), "--reference", at("real.txt"), "--metrics", "bleu,self-bleu"])).toBe(
      0,
    );
    expect(printed).toMatch(/^BLEU +0\.\d+\nself-BLEU +0\.\d+\n$/);
  });

  it("need real text, words, and metrics of text", async () => {
    expect(await run(["evaluate", at("fake.txt"), "--metrics", "rppl"])).toBe(2);
    expect(said).toMatch(/fppl, rppl and bleu need --reference/);
    expect(await run(["evaluate", at("fake.txt"), "--metrics", "fid"])).toBe(2);
    expect(said).toMatch(/"fid" is no metric of text files\. +\(all: fppl, rppl, bleu, self-bleu\)/);
    expect(await run(["evaluate", at("empty.txt")])).toBe(1);
    expect(said).toMatch(/empty\.txt holds no words; expected a sentence a line/);
    expect(await run(["evaluate", at("none.txt")])).toBe(1);
    expect(said).toMatch(/none\.txt cannot be read/);
  });
});
