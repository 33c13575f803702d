/** A text with a split and the vocabulary of its training part, read when it is first needed. */
import { assertOneOf, assertPositiveInteger, fail, random } from "@ergodic/tensor";
import type { IndexedSource } from "../dataset.js";
import type { Labels } from "../labels.js";
import {
  assertSentences,
  sentenceSource,
  type LabelledSentenceBatch,
  type ReplyBatch,
  type SentenceBatch,
} from "./sentence-batches.js";
import { RESERVED, vocabularyOf, type Tokens, type Vocabulary } from "./vocabulary.js";

export type TextSplit = "train" | "test";

/** Sentences with the class of each. */
export interface LabelledSentences {
  readonly sentences: readonly Tokens[];
  readonly labels: Labels;
}

/** Sentences with the turns before each, the oldest first, and perhaps the class of each. */
export interface SentencesInContext {
  readonly sentences: readonly Tokens[];
  readonly contexts: readonly (readonly Tokens[])[];
  readonly labels?: Labels;
}

type Read = readonly Tokens[] | LabelledSentences | SentencesInContext;

export interface CorpusOptions<T extends Read> {
  /** The sentences of a split. */
  readonly read: (split: TextSplit) => Promise<T>;
  /** The number of known words: the most frequent of the training sentences. */
  readonly words: number;
  /**
   * The most words of a sentence; longer ones are left out. Of a longer turn of a context the first
   * ones are kept. Default 255.
   */
  readonly longest?: number;
  /** Training sentences, a random part that is always the same. Default: all. */
  readonly limit?: number;
  /** As `sentenceSource` has it. Default 16. */
  readonly stride?: number;
}

export interface LoadedCorpus {
  readonly train: readonly Tokens[];
  readonly test: readonly Tokens[];
  readonly vocabulary: Vocabulary;
  /** The class of each sentence, if the corpus has classes. */
  readonly labels?: Readonly<Record<TextSplit, Labels>>;
  /** The turns before each sentence, if the corpus has them. */
  readonly contexts?: Readonly<Record<TextSplit, readonly (readonly Tokens[])[]>>;
}

export interface Corpus<B extends SentenceBatch = SentenceBatch> {
  /** The count of numbers in use: `words`, the boundary and the unknown. */
  readonly symbols: number;
  load(): Promise<LoadedCorpus>;
  /** Batches of sentences of nearly one length. */
  source(split: TextSplit): IndexedSource<B>;
  /**
   * The words of numbers up to the first boundary.
   *
   * @throws ValidationError before the corpus is loaded
   */
  textOf(numbers: ArrayLike<number>): string;
}

/** The corpus that these sentences make. */
export type CorpusOf<T> = Corpus<
  T extends SentencesInContext ? ReplyBatch : T extends LabelledSentences ? LabelledSentenceBatch : SentenceBatch
>;

/**
 * A corpus of sentences.
 *
 * A model needs the number of words before any file is read, and shows its samples as words after
 * that. So `symbols` is known at once, and `textOf` works once a source is loaded. Batches have
 * `labels` and `context` where the sentences have. Words are those of sentences.
 *
 * @throws ValidationError for counts that are no positive integers
 */
export function corpus<T extends Read>(options: CorpusOptions<T>): CorpusOf<T> {
  const { read, words, longest, limit, stride } = options;
  for (const [name, value] of Object.entries({ words, longest, limit, stride }))
    if (value !== undefined) assertPositiveInteger({ [name]: value });
  const symbols = words + RESERVED;
  let loaded: LoadedCorpus | undefined;
  let loading: Promise<LoadedCorpus> | undefined;

  const readShort = async (split: TextSplit): Promise<readonly Sentence[]> => {
    const short = sentencesOf(await read(split)).filter(({ tokens }) => tokens.length <= (longest ?? Infinity));
    const what = longest === undefined ? `the ${split} text` : `the ${split} text, up to ${longest} words,`;
    assertSentences(what, short.map(tokensOf));
    return short;
  };
  const begin = async (): Promise<LoadedCorpus> => {
    const [all, test] = [await readShort("train"), await readShort("test")];
    const train = someOf(all, limit);
    const tokens = train.map(tokensOf);
    const isLabelled = train[0]!.label !== undefined;
    const hasContexts = train[0]!.context !== undefined;
    loaded = {
      train: tokens,
      test: test.map(tokensOf),
      vocabulary: vocabularyOf(tokens, { most: words }),
      ...(isLabelled && { labels: { train: Int32Array.from(train, labelOf), test: Int32Array.from(test, labelOf) } }),
      ...(hasContexts && { contexts: { train: train.map(contextOf), test: test.map(contextOf) } }),
    };
    return loaded;
  };
  const load = (): Promise<LoadedCorpus> => {
    loading ??= begin();
    return loading;
  };
  return {
    symbols,
    load,
    source(split) {
      assertOneOf({ split }, ["train", "test"]);
      return {
        async load() {
          const { vocabulary, labels, contexts, [split]: sentences } = await load();
          const encoded = sentences.map((sentence) => vocabulary.encode(sentence));
          const settings = {
            buckets: true,
            ...(stride && { stride }),
            ...(labels && { labels: labels[split] }),
            ...(contexts && {
              contexts: { turns: encodedTurns(contexts[split], vocabulary), ...(longest && { longest }) },
            }),
          };
          return sentenceSource(encoded, settings).load() as never;
        },
      };
    },
    textOf(numbers) {
      if (loaded === undefined) fail("the words of the corpus are not known yet", "a loaded corpus", "load it first");
      const { vocabulary } = loaded;
      // A text with fewer words leaves numbers without one.
      const isSpare = (number: number): boolean => number >= vocabulary.size && number < symbols;
      return vocabulary.textOf(Array.from(numbers, (number) => (isSpare(number) ? vocabulary.unknown : number)));
    },
  };
}

interface Sentence {
  readonly tokens: Tokens;
  readonly label?: number;
  readonly context?: readonly Tokens[];
}

const tokensOf = ({ tokens }: Sentence): Tokens => tokens;
const labelOf = ({ label }: Sentence): number => label!;
const contextOf = ({ context }: Sentence): readonly Tokens[] => context!;

function sentencesOf(read: Read): readonly Sentence[] {
  if (!("sentences" in read)) return read.map((tokens) => ({ tokens }));
  const { sentences, labels } = read;
  const contexts = "contexts" in read ? read.contexts : undefined;
  if (labels !== undefined && labels.length !== sentences.length)
    fail(`there are ${sentences.length} sentences and ${labels.length} labels`, "one label per sentence");
  return sentences.map((tokens, i) => ({
    tokens,
    ...(labels && { label: labels[i]! }),
    ...(contexts && { context: contexts[i]! }),
  }));
}

/** Word numbers of the turns of contexts. A turn stands in several contexts and is encoded once. */
function encodedTurns(contexts: readonly (readonly Tokens[])[], { encode }: Vocabulary) {
  const known = new Map<Tokens, Int32Array>();
  const numbersOf = (turn: Tokens): Int32Array => {
    const found = known.get(turn) ?? encode(turn);
    known.set(turn, found);
    return found;
  };
  return contexts.map((context) => context.map(numbersOf));
}

/** At most `limit` sentences in their order. */
function someOf(sentences: readonly Sentence[], limit: number | undefined): readonly Sentence[] {
  if (limit === undefined || limit >= sentences.length) return sentences;
  const chosen = random.host.permutation(random.key("sentences of a corpus"), sentences.length).subarray(0, limit);
  return Array.from(chosen.sort(), (place) => sentences[place]!);
}
