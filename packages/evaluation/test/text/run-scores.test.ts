/** Scores of models of sentences whose values are known: copies of the data, one sentence alone. */
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { templateGrammar, vocabularyOf, type Tokens } from "@ergodic/data";
import { random } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import {
  possibleSentenceMetrics,
  readSentencePlan,
  sentenceScores,
  type SentencePlan,
} from "../../src/entries/node.js";
import { distinct, unigramDivergence } from "../../src/entries/text.js";

beforeAll(() => useEngine("onnx"));

const grammar = templateGrammar();
const [train, held] = [grammar.draw(random.key("train"), 128), grammar.draw(random.key("test"), 32)];
const plan: SentencePlan = {
  grammar,
  corpus: { load: () => Promise.resolve({ train, test: held, vocabulary: vocabularyOf(train) }) },
  languageModel: { embedding: 16, hidden: 16, learningRate: 0.02 },
};
const test: Dataset<unknown> = {
  description: "test sentences",
  size: held.length,
  batches: () => ({ perEpoch: 1, at: () => ({}) }),
};
const one: Tokens = ["we", "ate", "soup", "with", "salt", "at", "noon"];
const wrong: Tokens = ["we", "ate", "paris"];
const model = {
  samplers: {
    model: (_: unknown, n: number) => Promise.resolve(grammar.draw(random.key("model"), n)),
    one: (_: unknown, n: number) => Promise.resolve(Array<Tokens>(n).fill(one)),
    half: (_: unknown, n: number) => Promise.resolve(Array.from({ length: n }, (__, i) => (i % 2 === 0 ? one : wrong))),
  },
  reconstruct: () => Promise.resolve({ original: held, reconstruction: held }),
};

describe("scores of sentences", () => {
  it("are those of the samples of each law", async () => {
    const metrics = ["distinct", "valid", "bleu"] as const;
    const { sentences } = await sentenceScores({ model, plan, test, metrics, n: 100, seed: 0 });
    const { samples, bleu } = sentences!;
    expect(bleu).toEqual({ value: 1, exact: 1, count: 32 });
    expect(samples["model"]!.valid!.value).toBe(1);
    expect(samples["one"]).toEqual({
      sentences: 100,
      distinct: { words: 7 / 700, pairs: 6 / 600, sentences: 1 / 100 },
      valid: { value: 1, different: 1, of: 256, leastTopic: 0 },
    });
    expect(samples["half"]!.valid).toEqual({ value: 0.5, different: 1, of: 256, leastTopic: 0 });
    expect(samples["model"]!.valid!.leastTopic).toBeGreaterThan(0.1);
  });

  it("compare replies in their contexts with those in others", async () => {
    const spoken = { ...model, reply: () => Promise.resolve({ original: held, reply: held }) };
    const { sentences } = await sentenceScores({ model: spoken, plan, test, metrics: ["replies"], n: 50, seed: 0 });
    const { value, chance, count, examples } = sentences!.replies!;
    expect([value, count, examples.length]).toEqual([1, 32, 20]);
    expect(chance).toBeLessThan(0.5);
    expect(examples[0]).toEqual({ original: held[0]!.join(" "), reply: held[0]!.join(" ") });
    await expect(sentenceScores({ model, plan, test, metrics: ["replies"], seed: 0 })).rejects.toThrow(
      "the model is given no context",
    );
    expect(possibleSentenceMetrics(plan, { replies: true })).toContain("replies");
  });

  it("tell fluency from coverage, beside the floor of real text", async () => {
    const { samplers, reconstruct } = model;
    const two = { samplers: { model: samplers.model, one: samplers.one }, reconstruct };
    const scores = await sentenceScores({ model: two, plan, test, metrics: ["fppl", "rppl"], seed: 0 });
    const { samples, floor, languageModel } = scores.sentences!;
    expect(languageModel).toMatchObject({ embedding: 16, hidden: 16, sentences: 128 });
    const [own, single] = [samples["model"]!, samples["one"]!];
    // Draws of the data's law read as test sentences do; one sentence misses what others say.
    expect(Math.abs(own.fppl!.nats - floor!.nats)).toBeLessThan(0.15);
    expect(Math.abs(own.rppl!.nats - floor!.nats)).toBeLessThan(0.5);
    expect(single.rppl!.nats).toBeGreaterThan(own.rppl!.nats + 0.5);
  });

  it("are refused where something is missing", async () => {
    const { grammar: _, ...bare } = plan;
    expect(possibleSentenceMetrics(bare)).toEqual(["distinct", "wkl", "bleu", "fppl", "rppl"]);
    expect(possibleSentenceMetrics(plan, { symbols: true })).toContain("control");
    expect(readSentencePlan({ test })).toBeUndefined();
    expect(() => readSentencePlan({ corpus: {} })).toThrow(/corpus has no load/);
    const scoring = { plan: bare, test, n: 4, seed: 0 };
    await expect(sentenceScores({ ...scoring, model, metrics: ["valid"] })).rejects.toThrow(/no grammar/);
    const silent = { samplers: { model: () => Promise.resolve([[], []]) } };
    await expect(sentenceScores({ ...scoring, model: silent, metrics: ["distinct"] })).rejects.toThrow(/are empty/);
    await expect(sentenceScores({ ...scoring, model, metrics: ["control"] })).rejects.toThrow(/samples no symbols/);
    await expect(sentenceScores({ ...scoring, model: { samplers: {} }, metrics: ["bleu"] })).rejects.toThrow(
      /reconstructs nothing/,
    );
  });
});

describe("sentences given a symbol", () => {
  /** Symbol s has the sentences of topic s, but every fourth of symbol 1 is none of the grammar. */
  const topics = [0, 1, 2].map((topic) => grammar.sentences.filter((sentence) => grammar.topicOf(sentence) === topic));
  const symbols = {
    count: 2,
    sample: (symbol: number, _: unknown, n: number) =>
      Promise.resolve(
        Array.from({ length: n }, (__, i): Tokens => (symbol === 1 && i % 4 === 0 ? wrong : topics[symbol]![i % 64]!)),
      ),
  };
  const scored = async (of: SentencePlan) =>
    (await sentenceScores({ model: { ...model, symbols }, plan: of, test, metrics: ["control"], n: 8, seed: 0 }))
      .sentences!.control!;

  it("are judged by the grammar", async () => {
    const { value, symbols: each, sentences } = await scored(plan);
    expect(each.map(({ class: topic, share }) => [topic, share])).toEqual([
      [0, 1],
      [1, 0.75],
    ]);
    expect([value, sentences]).toEqual([0.875, 200]);
    expect(each[0]!.examples).toHaveLength(20);
  });

  it("are judged by a classifier of the training sentences where there is no grammar", async () => {
    const labelsOf = (texts: readonly Tokens[]) => Int32Array.from(texts, (text) => grammar.topicOf(text)!);
    const labels = { train: labelsOf(train), test: labelsOf(held) };
    const { grammar: _, ...bare } = plan;
    const corpus = { load: async () => ({ ...(await plan.corpus.load()), labels }) };
    const { judge, symbols: each } = await scored({ ...bare, corpus });
    expect(judge).toBe(1);
    expect(each.map(({ class: topic }) => topic)).toEqual([0, 1]);
    await expect(scored(bare)).rejects.toThrow("the corpus has no classes");
  });
});

describe("the divergence of words", () => {
  it("is that of smoothed shares, and 0 for equal texts", () => {
    const [a, b] = [[["x", "x", "y"]], [["x"], ["z"]]];
    // Shares with ½ added: 2.5, 1.5 and 0.5 of 4.5; 1.5, 0.5 and 1.5 of 3.5.
    const p = [2.5 / 4.5, 1.5 / 4.5, 0.5 / 4.5];
    const q = [1.5 / 3.5, 0.5 / 3.5, 1.5 / 3.5];
    const expected = p.reduce((sum, share, i) => sum + share * Math.log(share / q[i]!), 0);
    expect(unigramDivergence(a, b)).toBeCloseTo(expected, 12);
    expect(unigramDivergence(a, a)).toBe(0);
  });
});

describe("distinct-n", () => {
  it("is the share of different n-grams", () => {
    const texts = [["a", "b", "a", "b"], ["a"]];
    expect([distinct(texts, 1), distinct(texts, 2)]).toEqual([2 / 5, 2 / 3]);
    expect(() => distinct(texts, 5)).toThrow(/none of 2 texts has 5 tokens/);
  });
});
