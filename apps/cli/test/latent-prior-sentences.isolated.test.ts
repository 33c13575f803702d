/** The presets of sentences: sizes, one update of each, shown text, missing files. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { useEngine } from "@ergodic/engine";
import type { SentenceBatch } from "@ergodic/data";
import { readPlan } from "@ergodic/evaluation/model";
import { possibleSentenceMetrics, readSentencePlan } from "@ergodic/evaluation/node";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { readSamples, type Experiment } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import brown from "../src/presets/latent-prior/brown.js";
import ptb from "../src/presets/latent-prior/ptb.js";
import snli from "../src/presets/latent-prior/snli.js";
import templates from "../src/presets/latent-prior/templates.js";
import yahoo from "../src/presets/latent-prior/yahoo.js";
import { emptyFolder } from "./support.js";

beforeAll(() => useEngine("onnx"));

const size = (params: TensorTree): number => tree.leaves(params).reduce((total, leaf) => total + leaf.size, 0);
/** The tilt 32-200-200-1. */
const tilt = 33 * 200 + 201 * 200 + 201;
/** Embedding, LSTM with z beside its input, two maps to its initial state, scores of words. */
const decoder = (words: number, e: number, h: number, d = 32): number => {
  const symbols = words + 2;
  return symbols * e + (e + d + h + 1) * 4 * h + 2 * (d + 1) * h + symbols * (h + 1);
};
const sentences = ["the dog runs .", "a cat sleeps on the mat .", "the cat runs ."];
const parsed = (text: string): string => JSON.stringify({ sentence1_binary_parse: text, sentence2_binary_parse: text });

/** One update of a preset on its own sentences; the model's size, and a shown sample. */
async function updated(preset: Experiment<never, SentenceBatch>, given: object) {
  const options = preset.options.parse({ prior: { steps: 2 }, posterior: { steps: 2 }, ...given }) as never;
  const learner = preset.model(options, preset.training);
  const dataset = await preset.data(options).load();
  const batch = dataset.batches({ batchSize: 2, key: random.key(0) }).at(0);
  const state = (await learner.init(random.key(1), batch)) as { readonly params: TensorTree };
  const next = await learner.update(state as never, batch, { key: random.key(2), iteration: 0 });
  expect(Object.values(next.metrics).every(Number.isFinite)).toBe(true);
  const drawn = await learner.sample!(next.state, random.key(3), 2);
  const shown = await readSamples(drawn, learner.show!.bind(learner));
  const shapes = tree.leaves(drawn).map(({ shape }) => shape);
  await learner.dispose!();
  tree.dispose([state, next.state, batch, drawn] as TensorTree);
  return { parameters: size(state.params), shown, shapes };
}

describe("sentences of published texts", () => {
  it.each([
    { name: "ptb", preset: ptb, words: 10_000, e: 128, h: 512, files: ["ptb.train.txt", "ptb.test.txt"] },
    {
      ...{ name: "snli", preset: snli, words: 11_000, e: 256, h: 256 },
      files: ["snli_1.0_train.jsonl", "snli_1.0_test.jsonl"],
    },
    { name: "yahoo", preset: yahoo, words: 20_000, e: 512, h: 1_024, files: ["train.txt", "test.txt"] },
  ])("$name has the published size, and learns", async ({ preset, words, e, h, files }) => {
    const dataFrom = await emptyFolder();
    const lines = files[0]!.endsWith("jsonl") ? sentences.map((text) => parsed(`( ${text} )`)) : sentences;
    for (const file of files) await writeFile(join(dataFrom, file), lines.join("\n"));
    // The length of sentences changes no parameter, only the time that decoding takes.
    const { parameters } = await updated(preset as never, { dataFrom, longest: 7 });
    expect(parameters).toBe(decoder(words, e, h) + tilt);
  });

  it("are asked for by file, address and folder", async () => {
    const dataFrom = await emptyFolder();
    const options = ptb.options.parse({ dataFrom });
    await expect(ptb.data(options).load()).rejects.toThrow(
      `${dataFrom} has no ptb.train.txt, expected that file of the Penn Treebank in 10,000 words; get it from`,
    );
  });
});

describe("templates and the Brown corpus", () => {
  it.each(["lstm", "gru"])("learn by a %s, and show words", async (cell) => {
    const { shown, shapes } = await updated(templates as never, { cell, tilted: cell === "gru" });
    expect(shapes).toEqual([
      [2, 8],
      [2, 8],
    ]);
    expect(shown).toEqual({ kind: "text", texts: [expect.any(String), expect.any(String)] });
  });

  it("name what their samples are scored by", async () => {
    const planned = templates.evaluation(templates.options.parse({}));
    const plan = readSentencePlan(planned)!;
    expect(possibleSentenceMetrics(plan)).toEqual(["distinct", "valid", "wkl", "bleu", "fppl", "rppl"]);
    expect((await readPlan(planned)!.test.load()).size).toBe(500);
    const { train, test } = await plan.corpus.load();
    expect([train.length, test.length]).toEqual([2_000, 500]);
    expect([...train, ...test].every((sentence) => plan.grammar!.topicOf(sentence) !== undefined)).toBe(true);
  });

  it("read the corpus from a folder, short sentences alone", async () => {
    const dataFrom = await emptyFolder();
    const tagged = sentences.map((text) => text.replaceAll(/\S+/g, (word) => `${word}/x`)).join("\n");
    for (let i = 1; i <= 10; i++) await writeFile(join(dataFrom, `ca${String(i).padStart(2, "0")}`), tagged);
    const { parameters, shapes } = await updated(brown as never, { dataFrom, longest: 4 });
    // Embedding, GRU with z beside its input, a map to its initial state, scores; a GRU each way.
    const [symbols, e, h, d] = [2_002, 64, 128, 32];
    const gru = (e + h + 1) * 3 * h + h;
    const [read, written] = [symbols * e + 2 * gru, symbols * e + gru + d * 3 * h + (d + 1) * h + symbols * (h + 1)];
    expect(parameters).toBe(read + (2 * h + 1) * 2 * d + written + tilt);
    expect(shapes).toEqual([
      [2, 5],
      [2, 5],
    ]);
    const options = brown.options.parse({ dataFrom, longest: 4 });
    // Of 9 pieces for learning, two sentences each have at most 4 words.
    expect((await brown.data(options).load()).size).toBe(18);
  });
});
