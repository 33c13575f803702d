/** A text with a split and the vocabulary of its training part, read when it is first needed. */
import { assertOneOf, assertPositiveInteger, fail, random } from "@ergodic/tensor";
import type { IndexedSource } from "../dataset.js";
import { assertSentences, sentenceSource, type SentenceBatch } from "./sentence-batches.js";
import { RESERVED, vocabularyOf, type Tokens, type Vocabulary } from "./vocabulary.js";

export type TextSplit = "train" | "test";

export interface CorpusOptions {
  /** The sentences of a split. */
  readonly read: (split: TextSplit) => Promise<readonly Tokens[]>;
  /** The number of known words: the most frequent of the training sentences. */
  readonly words: number;
  /** The most words of a sentence; longer ones are left out. Default 255. */
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
}

export interface Corpus {
  /** The count of numbers in use: `words`, the boundary and the unknown. */
  readonly symbols: number;
  load(): Promise<LoadedCorpus>;
  /** Batches of sentences of nearly one length. */
  source(split: TextSplit): IndexedSource<SentenceBatch>;
  /**
   * The words of numbers up to the first boundary.
   *
   * @throws ValidationError before the corpus is loaded
   */
  textOf(numbers: ArrayLike<number>): string;
}

/**
 * A corpus of sentences.
 *
 * A model needs the number of words before any file is read, and shows its samples as words after
 * that. So `symbols` is known at once, and `textOf` works once a source is loaded.
 *
 * @throws ValidationError for counts that are no positive integers
 */
export function corpus({ read, words, longest, limit, stride }: CorpusOptions): Corpus {
  for (const [name, value] of Object.entries({ words, longest, limit, stride }))
    if (value !== undefined) assertPositiveInteger({ [name]: value });
  const symbols = words + RESERVED;
  let loaded: LoadedCorpus | undefined;
  let loading: Promise<LoadedCorpus> | undefined;

  const readShort = async (split: TextSplit): Promise<readonly Tokens[]> => {
    const short = (await read(split)).filter(({ length }) => length <= (longest ?? Infinity));
    assertSentences(longest === undefined ? `the ${split} text` : `the ${split} text, up to ${longest} words,`, short);
    return short;
  };
  const begin = async (): Promise<LoadedCorpus> => {
    const [all, test] = [await readShort("train"), await readShort("test")];
    const train = someOf(all, limit);
    loaded = { train, test, vocabulary: vocabularyOf(train, { most: words }) };
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
          const { vocabulary, [split]: sentences } = await load();
          const encoded = sentences.map((sentence) => vocabulary.encode(sentence));
          return sentenceSource(encoded, { buckets: true, ...(stride && { stride }) }).load();
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

/** At most `limit` sentences in their order. */
function someOf(sentences: readonly Tokens[], limit: number | undefined): readonly Tokens[] {
  if (limit === undefined || limit >= sentences.length) return sentences;
  const chosen = random.host.permutation(random.key("sentences of a corpus"), sentences.length).subarray(0, limit);
  return Array.from(chosen.sort(), (place) => sentences[place]!);
}
