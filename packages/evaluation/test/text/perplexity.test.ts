/**
 * Perplexities of a source with known entropy, of a source that repeats itself, and of unusual
 * texts.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useEngine } from "@ergodic/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vocabularyOf } from "@ergodic/data";
import { perplexityOf } from "../../src/entries/text.js";
import {
  forwardPerplexity,
  reversePerplexity,
  trainLanguageModel,
  type LanguageModelTraining,
} from "../../src/entries/node.js";
import { entropyRate, sentencesOf, shortSightedRate } from "./source.js";

const real = sentencesOf(1, 1000).texts;
const vocabulary = vocabularyOf(real);
const small: LanguageModelTraining = {
  ...{ vocabulary, embedding: 12, hidden: 24, dropout: 0, learningRate: 1e-2, epochs: 5 },
};

let folder = "";
beforeAll(async () => {
  await useEngine("onnx");
  folder = await mkdtemp(join(tmpdir(), "perplexity-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("perplexity of a source of known entropy", () => {
  it("forward: near exp(entropy) for its own sentences, and beyond what one symbol of memory can do", async () => {
    const [generated, heldOut] = [sentencesOf(2, 1000), sentencesOf(3, 1000)];
    const texts = { generated: generated.texts, real, heldOut: heldOut.texts };
    const score = await forwardPerplexity(texts, { ...small, folder: join(folder, "real") });
    const truth = generated.nats / score.generated.tokens;
    // The text's own -log p, about 4000 draws of sd 0.9, has a standard error of 0.014.
    // The bound is six standard errors.
    expect(Math.abs(truth - entropyRate)).toBeLessThan(0.085);
    expect(score.generated.nats - truth).toBeGreaterThan(0);
    expect(score.generated.nats - truth).toBeLessThan(0.05);
    expect(score.generated.nats).toBeLessThan(shortSightedRate - 0.25);
    expect(score.generated.value).toBeCloseTo(Math.exp(score.generated.nats), 12);
    expect(Math.abs(score.floor!.nats - score.generated.nats)).toBeLessThan(
      6 * Math.hypot(score.floor!.standardError, score.generated.standardError),
    );
    expect(score.generated).toMatchObject({ sentences: 1000, unknown: 0 });
    expect(score.languageModel).toMatchObject({ model: "lstm", vocabulary: 5, sentences: 1000, epochs: 5, seed: 0 });
  });

  it("a GRU learns the source too", async () => {
    const model = await trainLanguageModel(real, { ...small, model: "gru", epochs: 3 });
    const heldOut = sentencesOf(3, 300);
    const { nats, tokens } = await model.perplexity(heldOut.texts);
    expect(model.protocol.model).toBe("gru");
    expect(Math.abs(nats - heldOut.nats / tokens)).toBeLessThan(0.05);
    expect(nats).toBeLessThan(shortSightedRate - 0.25);
    await model.dispose();
  });

  it("reverse: a model that repeats one likely sentence passes forward and fails in reverse", async () => {
    const repeated = Array.from({ length: 200 }, () => ["a", "a", "a", "a"]);
    const forward = await forwardPerplexity({ generated: repeated, real }, { ...small, folder: join(folder, "real") });
    const reverse = await reversePerplexity({ generated: repeated, real: real.slice(0, 200) }, small);
    expect(forward.generated.nats).toBeLessThan(entropyRate);
    expect(reverse.real.nats).toBeGreaterThan(2 * entropyRate);
  });
});

describe("limits of texts", () => {
  const long = [["a"], Array.from({ length: 256 }, () => "a")];
  const few = real.slice(0, 4);
  const never: LanguageModelTraining = {
    ...small,
    onProgress: () => {
      throw new Error("something was learnt");
    },
  };

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "generated",
      () => forwardPerplexity({ generated: long, real }, never),
      /sentence 1 of the generated text has 256 words/,
    ],
    [
      "held out",
      () => forwardPerplexity({ generated: few, real, heldOut: long }, never),
      /sentence 1 of the held-out text/,
    ],
    [
      "to learn from",
      () => forwardPerplexity({ generated: few, real: long }, never),
      /sentence 1 of the text to learn from/,
    ],
    [
      "real",
      () => reversePerplexity({ generated: few, real: long }, never),
      /sentence 1 of the real text has 256 words/,
    ],
    [
      "without sentences",
      () => reversePerplexity({ generated: few, real: [] }, never),
      /the real text has no sentences/,
    ],
  ])("are checked before anything is learnt: text that is %s", async (_, score, message) => {
    await expect(score()).rejects.toThrow(message);
  });

  it("hold for the vocabulary: 32 sentences of 256 places have 2^31 scores of 262,144 words", async () => {
    const longest = [Array.from({ length: 255 }, () => "a")];
    const sized = (size: number): LanguageModelTraining => ({ ...never, vocabulary: { ...vocabulary, size } });
    await expect(forwardPerplexity({ generated: longest, real: few }, sized(262_144))).rejects.toThrow(
      /2147483648 scores of the 262144 words of the vocabulary, expected at most 2147483647; take the 262143 most frequent/,
    );
    await expect(trainLanguageModel(longest, { ...sized(2 ** 23), batchSize: 1 })).rejects.toThrow(/2147483648 scores/);
    await expect(trainLanguageModel(few, { ...never, batchSize: 0 })).rejects.toThrow(/batchSize is 0/);
  });
});

describe("language models", () => {
  const few = real.slice(0, 40);
  const quick = (): LanguageModelTraining => ({ ...small, epochs: 2, folder: join(folder, "run") });

  it("resume in their folder bit for bit, are found again there, and refuse another text", async () => {
    const stop = new AbortController();
    const onProgress = ({ iteration }: { iteration: number }) => iteration === 2 && stop.abort(new Error("enough"));
    await expect(trainLanguageModel(few, { ...quick(), onProgress, signal: stop.signal })).rejects.toThrow("enough");
    const resumed = await trainLanguageModel(few, quick());
    const whole = await trainLanguageModel(few, { ...small, epochs: 2 });
    let steps = 0;
    const found = await trainLanguageModel(few, { ...quick(), onProgress: () => (steps += 1) });
    const expected = await whole.perplexity(few);
    expect(await resumed.perplexity(few)).toEqual(expected);
    expect(await found.perplexity(few)).toEqual(expected);
    expect(steps).toBe(0);
    await expect(trainLanguageModel(real.slice(0, 41), quick())).rejects.toThrow(/options.sha256: was/);
    await Promise.all([resumed, whole, found].map((model) => model.dispose()));
  });

  it("score a sentence the same in whatever company, and count its end and what they do not know", async () => {
    const model = await trainLanguageModel(few, { ...small, epochs: 1 });
    const [long, short] = [[..."abcabcabcabcabcabcabc"], ["b", "zebra"]];
    const [together, first, second] = [
      await model.perplexity([short, long, []]),
      await model.perplexity([long]),
      await model.perplexity([short, []]),
    ];
    expect(together.tokens).toBe(22 + 3 + 1);
    expect(together.unknown).toBeCloseTo(1 / 26, 12);
    expect(together.nats * 26).toBeCloseTo(first.nats * 22 + second.nats * 4, 4);
    await expect(model.perplexity([])).rejects.toThrow(/the text has no sentences/);
    await expect(model.perplexity([Array<string>(256).fill("a")])).rejects.toThrow(/256 words, expected at most 255/);
    await model.dispose();
  });
});

describe("perplexityOf", () => {
  it("weighs tokens, not sentences, with the error of a ratio", () => {
    const sentences = [
      { nats: 6, tokens: 3, unknown: 1 },
      { nats: 4, tokens: 1, unknown: 0 },
    ];
    const { value, nats, standardError, tokens, unknown } = perplexityOf(sentences);
    expect({ nats, tokens, unknown }).toEqual({ nats: 2.5, tokens: 4, unknown: 0.25 });
    expect(value).toBeCloseTo(Math.exp(2.5), 12);
    // Residuals are -1.5 and 1.5: their variance is 4.5, and 9 for a sum of two.
    expect(standardError).toBeCloseTo(3 / 4, 12);
    expect(() => perplexityOf([])).toThrow(/no sentences/);
  });

  it("has a standard error that is the spread over texts", () => {
    // Each token has 1 or 3 nats with equal probability, and lengths are random.
    // The spread over 400 texts has a relative error of 4 %. The bound is five of these.
    const texts = Array.from({ length: 400 }, (_, i) => {
      const { texts: sentences } = sentencesOf(100 + i, 50);
      return perplexityOf(
        sentences.map((s) => ({
          nats: s.length + 1 + 2 * s.filter((w) => w === "a").length,
          tokens: s.length + 1,
          unknown: 0,
        })),
      );
    });
    const mean = texts.reduce((sum, { nats }) => sum + nats, 0) / 400;
    const spread = Math.sqrt(texts.reduce((sum, { nats }) => sum + (nats - mean) ** 2, 0) / 399);
    const claimed = texts.reduce((sum, { standardError }) => sum + standardError, 0) / 400;
    expect(Math.abs(claimed / spread - 1)).toBeLessThan(0.2);
  });
});

describe("vocabularyOf", () => {
  const texts = [
    ["to", "be", "or", "not", "to", "be"],
    ["<unk>", "be"],
  ];

  it("orders words by frequency, and takes rare ones and <unk> for unknown", () => {
    const all = vocabularyOf(texts);
    expect(all.words).toEqual(["be", "to", "or", "not"]);
    expect(all.size).toBe(6);
    expect([...all.encode(["not", "<unk>", "to", "be", "seen"])]).toEqual([5, 1, 3, 2, 1]);
    expect(vocabularyOf(texts, { least: 2 }).words).toEqual(["be", "to"]);
    expect(vocabularyOf(texts, { most: 3 }).words).toEqual(["be", "to", "or"]);
    expect(() => vocabularyOf(texts, { least: 4 })).toThrow(/no word that comes 4 times/);
  });

  it("tells a number from its name", () => {
    expect([...vocabularyOf([[1, "1"]]).encode([1, "1"])]).toEqual([2, 3]);
  });
});
