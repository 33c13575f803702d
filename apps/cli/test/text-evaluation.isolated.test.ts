/** `ergodic evaluate` on text files: scores, their protocol, and rejected files. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { TextScores } from "@ergodic/evaluation/node";
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

  it("are the same in each encoding and with each line end", async () => {
    const text = "the cat sat on the mat\na dog ran in the park\nthe bird sang a song today\n";
    const little = Buffer.from(`\ufeff${text}`, "utf16le");
    const files = {
      "utf8.txt": Buffer.from(text),
      "marked.txt": Buffer.from(`\ufeff${text}`),
      "utf16le.txt": little,
      "utf16be.txt": Buffer.from(little).swap16(),
      "cr.txt": Buffer.from(text.replaceAll("\n", "\r")),
      "crlf.txt": Buffer.from(text.replaceAll("\n", "\r\n")),
      // Unicode separators are white space between words.
      "spaces.txt": Buffer.from(text.replaceAll(" ", "\u2028")),
    };
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(at(name), bytes);
      printed = "";
      const asked = ["--metrics", "bleu", "--reference", at("utf8.txt"), "--json", "-q"];
      expect(await run(["evaluate", at(name), ...asked])).toBe(0);
      // Sentences of 6, 6 and 6 words have 6 + 5 + 4 + 3 n-grams each.
      expect((JSON.parse(printed) as TextScores).bleu).toMatchObject({ value: 1, total: [18, 15, 12, 9] });
    }
    await writeFile(at("latin1.txt"), Buffer.from("caf\xe9\n", "latin1"));
    expect(await run(["evaluate", at("latin1.txt")])).toBe(1);
    expect(said).toMatch(/latin1\.txt is no UTF-8 at byte 3, expected text in UTF-8/);
  });

  it("are refused with the file's name before anything is learned", async () => {
    await writeFile(at("long.txt"), `${"word ".repeat(255)}\n${"word ".repeat(256)}\n`);
    await writeFile(at("one.txt"), "the dog sees\n");
    await writeFile(at("unknown.txt"), "<unk> <unk>\n<unk>\n");
    const real = at("real.txt");
    for (const [args, message] of [
      [[at("long.txt"), "--reference", real], /long\.txt has 256 words, expected at most 255/],
      [[real, "--reference", at("long.txt"), "--metrics", "fppl"], /sentence 1 of .*long\.txt has 256 words/],
      [[real, "--reference", real, "--held-out", at("long.txt")], /sentence 1 of .*long\.txt has 256 words/],
      [[at("one.txt"), "--reference", real], /one\.txt holds one sentence; self-bleu compares at least 2/],
      [[real, "--reference", at("unknown.txt")], /unknown\.txt: 2 texts have no word that comes 1 times/],
    ] as const) {
      said = "";
      expect(await run(["evaluate", ...args])).toBe(1);
      expect(said).toMatch(message);
      expect(said).not.toMatch(/learning/);
    }
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
