/**
 * Scores of a model of sentences: fluency, coverage and variety of its samples, overlap of its
 * reconstructions.
 *
 * Samples come from the model, and for comparison from other laws of its latents, by name.
 */
import type { LoadedCorpus, Tokens } from "@ergodic/data";
import { fail, random, ValidationError, type Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { overTestBatches, usedExamples } from "../model/test-batches.js";
import { jsonArray, valueOfJson } from "../pieces.js";
import type { OnProgress } from "../progress.js";
import { bleu } from "./bleu.js";
import { distinct } from "./distinct.js";
import type { LanguageModelOptions } from "./language-model.js";
import { trainJudge } from "./judge.js";
import type { Perplexity } from "./perplexity.js";
import { symbolControl, type SymbolControl } from "./symbol-control.js";
import { trainLanguageModel, type LanguageModelProtocol } from "./train-language-model.js";
import { unigramDivergence } from "./unigram-divergence.js";

export const sentenceMetrics = ["distinct", "valid", "wkl", "bleu", "replies", "control", "fppl", "rppl"] as const;
/**
 * - `distinct`: variety of samples.
 * - `valid`: the share of samples that a known grammar has.
 * - `wkl`: divergence of the words of samples from those of training sentences.
 * - `control`: agreement of sentences that are sampled given a symbol, by the grammar or by a judge.
 * - `bleu`: overlap of reconstructions with their originals.
 * - `replies`: overlap of samples in the contexts of test sentences with these.
 * - `fppl`: perplexity of samples under a language model of training sentences.
 * - `rppl`: perplexity of test sentences under a language model of samples.
 */
export type SentenceMetric = (typeof sentenceMetrics)[number];

/** A grammar that the sentences are known to come from. */
export interface Grammar {
  /** All its sentences. */
  readonly sentences: readonly Tokens[];
  /** The topic of a sentence; undefined if the grammar does not have it. */
  topicOf(sentence: Tokens): number | undefined;
  /** Of a sentence, in nats: the least possible mean of -log p. */
  readonly entropy: number;
}

/** The text that an experiment names for its evaluation. */
export interface SentencePlan {
  readonly corpus: { load(): Promise<LoadedCorpus> };
  readonly grammar?: Grammar;
  /** Sizes of the language models. */
  readonly languageModel?: LanguageModelOptions;
}

/** The plan in an experiment's `evaluation`. Undefined when it names no corpus. */
export function readSentencePlan(value: unknown): SentencePlan | undefined {
  const planned = (value ?? {}) as Partial<SentencePlan>;
  if (planned.corpus === undefined) return undefined;
  if (typeof planned.corpus !== "object" || typeof planned.corpus.load !== "function")
    throw new ValidationError("experiment.evaluation.corpus has no load(); expected a corpus of @ergodic/data.");
  return planned as SentencePlan;
}

/**
 * The metrics that a plan allows for a model: with `symbols` if it samples these, with `replies` if it
 * samples in contexts.
 */
export const possibleSentenceMetrics = (
  { grammar }: SentencePlan,
  { symbols = false, replies = false }: { readonly symbols?: boolean; readonly replies?: boolean } = {},
): readonly SentenceMetric[] =>
  sentenceMetrics.filter(
    (metric) =>
      (metric !== "valid" || grammar !== undefined) &&
      (metric !== "control" || symbols) &&
      (metric !== "replies" || replies),
  );

/** The sentences that a model makes. */
export interface SentenceModel {
  /** Samples by the law of their latents. The first is the model's own. */
  readonly samplers: Readonly<Record<string, (key: Key, n: number) => Promise<readonly Tokens[]>>>;
  /** Samples given a symbol. Undefined if the model has none. */
  readonly symbols?:
    | {
        readonly count: number;
        sample(symbol: number, key: Key, n: number): Promise<readonly Tokens[]>;
      }
    | undefined;
  /** Undefined if it reconstructs nothing. */
  readonly reconstruct?: Answering<"reconstruction"> | undefined;
  /** Samples in the contexts of sentences. Undefined if it is given no context. */
  readonly reply?: Answering<"reply"> | undefined;
}

/** A sentence made for each one of a batch. */
type Answering<Made extends string> = (
  batch: unknown,
  key: Key,
) => Promise<Readonly<Record<"original" | Made, readonly Tokens[]>>>;

/** Scores of the samples of one law of latents. */
export interface SampleScores {
  readonly sentences: number;
  /** Distinct-1, distinct-2, and the share of sentences that are different. */
  readonly distinct?: { readonly words: number; readonly pairs: number; readonly sentences: number };
  /** The share that the grammar has, and how many of its sentences are among them. */
  readonly valid?: {
    readonly value: number;
    readonly different: number;
    readonly of: number;
    /** The share of the rarest topic among those that the grammar has. */
    readonly leastTopic: number;
  };
  /** KL(training sentences ‖ samples) of words, in nats. */
  readonly wkl?: number;
  readonly fppl?: Perplexity;
  readonly rppl?: Perplexity;
}

export interface SentenceScores {
  readonly sentences?: {
    readonly samples: Readonly<Record<string, SampleScores>>;
    /** Of real test sentences under the forward language model. */
    readonly floor?: Perplexity;
    /** `exact` is the share that is reconstructed word for word. */
    readonly bleu?: { readonly value: number; readonly exact: number; readonly count: number };
    /** Of samples in the contexts of test sentences, and those of other test sentences. */
    readonly replies?: {
      readonly value: number;
      /** BLEU of samples in the contexts of other sentences: what no attention to contexts gives. */
      readonly chance: number;
      readonly count: number;
      /** Some test sentences and the samples in their contexts. */
      readonly examples: readonly { readonly original: string; readonly reply: string }[];
    };
    /** `judge` is the share of test sentences that the judge classifies right. */
    readonly control?: SymbolControl & { readonly judge?: number };
    readonly languageModel?: LanguageModelProtocol;
  };
}

export interface SentenceScoring {
  readonly model: SentenceModel;
  readonly plan: SentencePlan;
  readonly test: Dataset<unknown>;
  readonly metrics: readonly SentenceMetric[];
  /** Number of samples. Default: as many as there are training sentences. */
  readonly n?: number | undefined;
  readonly seed: number;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Scores a model of sentences. The same seed gives the same scores.
 *
 * Generated sentences without words are left out of language models, which score no empty text.
 *
 * @throws ValidationError for metrics that the model or the plan lacks something for
 */
export async function sentenceScores(scoring: SentenceScoring): Promise<SentenceScores> {
  const { model, plan, metrics, seed, onProgress } = scoring;
  const asked = (metric: SentenceMetric): boolean => metrics.includes(metric);
  const { grammar } = plan;
  if (asked("valid") && grammar === undefined)
    throw new ValidationError("the experiment names no grammar; valid needs evaluation: { corpus, grammar }.");
  const { train, test, vocabulary } = await plan.corpus.load();
  const n = scoring.n ?? train.length;
  const [sampleKey, reconstructionKey] = random.split<Key>(random.key(seed), 2) as [Key, Key];
  const controlKey = random.fold(random.key(seed), 9);

  const drawn: [string, readonly Tokens[]][] = [];
  for (const [name, sample] of Object.entries(model.samplers)) {
    onProgress?.({ what: `drawing sentences (${name})` });
    drawn.push([name, await sample(sampleKey, n)]);
  }
  const training = (what: string) => ({
    ...plan.languageModel,
    vocabulary,
    seed,
    onProgress: ({ iteration, iterations }: { readonly iteration: number; readonly iterations: number }) =>
      onProgress?.({ what: `learning the language model of ${what}`, done: iteration, of: iterations }),
  });
  const forward = asked("fppl") ? await trainLanguageModel(train, training("real text")) : undefined;
  try {
    const samples: Record<string, SampleScores> = {};
    let languageModel = forward?.protocol;
    for (const [name, texts] of drawn) {
      const filled = texts.filter(({ length }) => length > 0);
      if (filled.length === 0) fail(`all samples (${name}) are empty`, "sentences with words", "train longer");
      const reverse = asked("rppl") ? await trainLanguageModel(filled, training(`samples (${name})`)) : undefined;
      languageModel ??= reverse?.protocol;
      try {
        samples[name] = {
          sentences: texts.length,
          ...(asked("distinct") && { distinct: varietyOf(filled) }),
          ...(asked("valid") && { valid: validity(texts, grammar!) }),
          ...(asked("wkl") && { wkl: unigramDivergence(train, filled) }),
          ...(forward && { fppl: await forward.perplexity(filled) }),
          ...(reverse && { rppl: await reverse.perplexity(test) }),
        };
      } finally {
        await reverse?.dispose();
      }
    }
    const control = asked("control") ? await controlOf(scoring, controlKey) : undefined;
    const overlap = asked("bleu") ? await overlapOf(scoring, reconstructionKey) : undefined;
    const replies = asked("replies") ? await repliesOf(scoring, random.fold(random.key(seed), 10)) : undefined;
    return {
      sentences: {
        samples,
        ...(forward && { floor: await forward.perplexity(test) }),
        ...(overlap && { bleu: overlap }),
        ...(replies && { replies }),
        ...(control && { control }),
        ...(languageModel && { languageModel }),
      },
    };
  } finally {
    await forward?.dispose();
  }
}

const different = (texts: readonly Tokens[]): number => new Set(texts.map((text) => text.join(" "))).size;

const varietyOf = (texts: readonly Tokens[]) => ({
  words: distinct(texts, 1),
  pairs: texts.some(({ length }) => length > 1) ? distinct(texts, 2) : 0,
  sentences: different(texts) / texts.length,
});

function validity(texts: readonly Tokens[], grammar: Grammar) {
  const valid = texts.filter((text) => grammar.topicOf(text) !== undefined);
  const topics = new Map<number | undefined, number>();
  for (const sentence of grammar.sentences) topics.set(grammar.topicOf(sentence), 0);
  for (const text of valid) topics.set(grammar.topicOf(text), topics.get(grammar.topicOf(text))! + 1);
  return {
    value: valid.length / texts.length,
    different: different(valid),
    of: grammar.sentences.length,
    leastTopic: valid.length === 0 ? 0 : Math.min(...topics.values()) / valid.length,
  };
}

/** Sentences that are sampled given each symbol. */
const perSymbol = 200;

/**
 * The classes of sentences given a symbol: topics of the grammar, or by a judge that has learned the
 * classes of training sentences.
 */
async function controlOf({ model: { symbols }, plan, onProgress }: SentenceScoring, key: Key) {
  if (symbols === undefined)
    throw new ValidationError("the model samples no symbols; control needs a learner with sampleClass().");
  const bySymbol: (readonly Tokens[])[] = [];
  for (let symbol = 0; symbol < symbols.count; symbol++) {
    onProgress?.({ what: "drawing sentences given a symbol", done: symbol, of: symbols.count });
    bySymbol.push(await symbols.sample(symbol, random.fold(key, symbol), perSymbol));
  }
  const { grammar } = plan;
  if (grammar !== undefined)
    return symbolControl(
      bySymbol,
      bySymbol.map((sentences) => sentences.map((sentence) => grammar.topicOf(sentence))),
    );
  const { train, test, labels, vocabulary } = await plan.corpus.load();
  if (labels === undefined) throw new ValidationError("the corpus has no classes; control needs labels or a grammar.");
  onProgress?.({ what: "learning the judge" });
  const judge = await trainJudge(train, labels.train, vocabulary);
  try {
    const found = await judge.classesOf(test);
    const right = found.filter((one, i) => one === labels.test[i]).length;
    const classes: number[][] = [];
    for (const sentences of bySymbol) classes.push([...(await judge.classesOf(sentences))]);
    return { ...symbolControl(bySymbol, classes), judge: right / found.length };
  } finally {
    await judge.dispose();
  }
}

/** Most test sentences that are reconstructed or replied to. */
const answered = 500;

/** The sentences of test batches, and what the model makes for each. */
async function answersOf<Made extends string>(
  { test, n, onProgress }: SentenceScoring,
  { key, what, answer }: { readonly key: Key; readonly what: string; readonly answer: Answering<Made> },
): Promise<readonly Readonly<Record<"original" | Made, Tokens>>[]> {
  type Found = Readonly<Record<"original" | Made, readonly Tokens[]>>;
  const most = Math.min(n ?? answered, answered);
  const found: Readonly<Record<"original" | Made, Tokens>>[] = [];
  const batches = overTestBatches(test, { n: most, key, what, onProgress }, async (batch, chains) => ({
    texts: jsonArray(await answer(batch, chains)),
  }));
  for await (const { texts } of batches) {
    const made = valueOfJson<Found>(texts);
    const names = Object.keys(made) as ("original" | Made)[];
    made.original.forEach((_, i) =>
      found.push(Object.fromEntries(names.map((name) => [name, made[name][i]!])) as Record<"original" | Made, Tokens>),
    );
  }
  return found.slice(0, usedExamples(test, most));
}

async function overlapOf(scoring: SentenceScoring, key: Key) {
  const { reconstruct } = scoring.model;
  if (reconstruct === undefined)
    throw new ValidationError("the model reconstructs nothing; bleu needs a learner with reconstruct().");
  const found = await answersOf(scoring, { key, what: "reconstructing sentences", answer: reconstruct });
  const { value } = bleu(
    found.map(({ reconstruction }) => reconstruction),
    found.map(({ original }) => [original]),
  );
  const exact = found.filter(({ original, reconstruction }) => original.join(" ") === reconstruction.join(" ")).length;
  return { value, exact: exact / found.length, count: found.length };
}

/** Replies that are kept to be read. */
const shownReplies = 20;

async function repliesOf(scoring: SentenceScoring, key: Key) {
  const { reply } = scoring.model;
  if (reply === undefined)
    throw new ValidationError("the model is given no context; replies needs a learner with sampleGiven().");
  const found = await answersOf(scoring, { key, what: "replying to test sentences", answer: reply });
  const of = (shift: number) =>
    bleu(
      found.map((_, i) => found[(i + shift) % found.length]!.reply),
      found.map(({ original }) => [original]),
    ).value;
  return {
    value: of(0),
    chance: of(1),
    count: found.length,
    examples: found
      .slice(0, shownReplies)
      .map(({ original, reply: said }) => ({ original: original.join(" "), reply: said.join(" ") })),
  };
}
