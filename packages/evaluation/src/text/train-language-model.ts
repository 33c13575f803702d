/** A language model trained on a text in a run folder, which scores other texts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { ensureEngine } from "@ergodic/engine";
import {
  assertBatchFits,
  assertSentences,
  sentenceBatch,
  sentenceSource,
  type SentenceBatch,
  type Tokens,
  type Vocabulary,
} from "@ergodic/data";
import { assertPositiveInteger, tree } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import { readRunRecord, restoreRun, train, type RestoredRun } from "@ergodic/training/node";
import { sha256 } from "@ergodic/formats";
import {
  languageModelDefaults,
  languageModelLearner,
  type LanguageModelLearner,
  type LanguageModelOptions,
  type LanguageModelState,
} from "./language-model.js";
import { perplexityOf, type Perplexity, type SentenceSurprise } from "./perplexity.js";

export interface LanguageModelTraining extends LanguageModelOptions {
  readonly vocabulary: Vocabulary;
  /** Passes over the text. Default 8. */
  readonly epochs?: number;
  /** Sentences in a batch. Default 32, or all if there are fewer. */
  readonly batchSize?: number;
  /** Default 0. */
  readonly seed?: number;
  /**
   * Folder of the run: a stopped run resumes, and a complete one is used again. Default: a
   * temporary folder.
   */
  readonly folder?: string;
  readonly onProgress?: (progress: { readonly iteration: number; readonly iterations: number }) => void;
  readonly signal?: AbortSignal;
}

/** The conditions under which two perplexities compare: two language models give two scales. */
export interface LanguageModelProtocol extends Required<LanguageModelOptions> {
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly vocabulary: number;
  /** Number of sentences of the training text. */
  readonly sentences: number;
  readonly tokens: number;
  /** Number of its tokens outside the vocabulary. */
  readonly unknown: number;
  readonly sha256: string;
  readonly engine: string;
}

export interface LanguageModel {
  readonly protocol: LanguageModelProtocol;
  /** @throws ValidationError for a text without sentences, or one of more than 255 words */
  perplexity(text: readonly Tokens[]): Promise<Perplexity>;
  dispose(): Promise<void>;
}

/**
 * Checks a text for {@link LanguageModel.perplexity} before there is a model.
 *
 * @param what owner of the sentences, for messages
 * @throws ValidationError for a text without sentences, one of more than 255 words, or too many
 *   words for a vocabulary of this size
 */
export function assertScorableText(what: string, text: readonly Tokens[], { size }: Pick<Vocabulary, "size">): void {
  assertSentences(what, text);
  assertBatchFits(text, rows, size);
}

type Run = Pick<RestoredRun<LanguageModelState, SentenceBatch, unknown>, "state" | "dispose">;

/** Sentences scored in one call. */
const rows = 32;

/**
 * Trains by maximum likelihood over `epochs` passes.
 *
 * No text is held out, so the number of passes is part of the protocol.
 *
 * @param text sentences, each of at most 255 words
 * @throws ValidationError as `perplexity`; CheckpointError when `folder` holds a run on another
 *   text or with other settings
 */
export async function trainLanguageModel(
  text: readonly Tokens[],
  training: LanguageModelTraining,
): Promise<LanguageModel> {
  const { vocabulary, epochs = 8, seed = 0 } = training;
  assertPositiveInteger({ epochs });
  assertSentences("the text to learn from", text);
  const batchSize = training.batchSize ?? Math.min(32, text.length);
  assertPositiveInteger({ batchSize });
  assertBatchFits(text, batchSize, vocabulary.size);
  const encoded = text.map((sentence) => vocabulary.encode(sentence));
  const { model, embedding, hidden, dropout, learningRate } = { ...languageModelDefaults, ...training };
  const protocol: LanguageModelProtocol = {
    ...{ model, embedding, hidden, dropout, learningRate, epochs, seed, batchSize },
    vocabulary: vocabulary.size,
    sentences: text.length,
    tokens: encoded.reduce((sum, { length }) => sum + length + 1, 0),
    unknown: encoded.reduce((sum, words) => sum + unknownIn(words, vocabulary), 0),
    sha256: await sha256(new TextEncoder().encode(JSON.stringify([vocabulary.words, encoded.map((e) => [...e])]))),
    engine: (await ensureEngine()).name,
  };
  const learner = languageModelLearner(vocabulary.size, protocol);
  const run = await inFolder(training.folder, (folder) => runIn(folder, { learner, encoded, protocol, training }));
  return {
    protocol,
    async perplexity(asked) {
      assertScorableText("the text", asked, vocabulary);
      return perplexityOf(await surprises(learner, run.state, asked, vocabulary));
    },
    async dispose() {
      run.dispose();
      await learner.dispose();
    },
  };
}

interface Plan {
  readonly learner: LanguageModelLearner;
  readonly encoded: readonly Int32Array[];
  readonly protocol: LanguageModelProtocol;
  readonly training: LanguageModelTraining;
}

/** Trains in a folder, or resumes there, and restores the trained state. */
async function runIn(folder: string, { learner, encoded, protocol, training }: Plan): Promise<Run> {
  const { epochs, batchSize, seed, engine: _engine, ...decisive } = protocol;
  const iterations = epochs * Math.ceil(encoded.length / batchSize);
  const experiment = defineExperiment({
    name: "language-model",
    // Every setting is a default, so a run on another text or with other sizes is refused by name.
    options: z.object(
      Object.fromEntries(Object.entries(decisive).map(([name, value]) => [name, z.any().default(value)])),
    ),
    data: sentenceSource(encoded),
    model: learner,
    training: { iterations, batchSize, seed, keepCheckpoints: 1 },
  });
  const resume = await readRunRecord(folder).then(
    () => true,
    () => false,
  );
  const { onProgress, signal } = training;
  await train({ experiment, folder, resume, ...(onProgress && { onProgress }), ...(signal && { signal }) });
  signal?.throwIfAborted();
  return restoreRun({ experiment, folder });
}

async function inFolder<T>(folder: string | undefined, work: (folder: string) => Promise<T>): Promise<T> {
  if (folder !== undefined) return work(folder);
  const temporary = await mkdtemp(join(tmpdir(), "language-model-"));
  try {
    return await work(join(temporary, "run"));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const unknownIn = (words: Int32Array, { unknown }: Vocabulary): number =>
  words.filter((word) => word === unknown).length;

/** Scores long sentences first, so that the sentences of a batch have similar lengths. */
async function surprises(
  learner: LanguageModelLearner,
  state: LanguageModelState,
  text: readonly Tokens[],
  vocabulary: Vocabulary,
): Promise<SentenceSurprise[]> {
  const encoded = text.map((sentence) => vocabulary.encode(sentence)).sort((a, b) => b.length - a.length);
  const scored: SentenceSurprise[] = [];
  for (let from = 0; from < encoded.length; from += rows) {
    const part = encoded.slice(from, from + rows);
    const batch = sentenceBatch(part, rows);
    const found = await learner.negativeLogLikelihoods(state, batch);
    const nats = await found.data();
    part.forEach((words, i) => {
      scored.push({ nats: nats[i]!, tokens: words.length + 1, unknown: unknownIn(words, vocabulary) });
    });
    tree.dispose([batch, found]);
  }
  return scored;
}
