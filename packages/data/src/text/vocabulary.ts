/** Vocabularies: words by number. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";

/** One text, such as a sentence, split into words or other symbols. */
export type Tokens = readonly (string | number)[];

/** The number of a sentence's boundary, before its first word and after its last. */
export const BOUNDARY = 0;
/** The number of every word that is not in the vocabulary. */
const UNKNOWN = 1;
/** The spelling of replaced rare words in corpora. */
const UNKNOWN_WORD = "<unk>";
/** Numbers that stand for no word: the boundary and the unknown. */
export const RESERVED = 2;

export interface Vocabulary {
  /** The words, the most frequent first; word i has the number i + 2. */
  readonly words: Tokens;
  /** The count of numbers in use: the words, the boundary and the unknown. */
  readonly size: number;
  /** The numbers of the words of a text. `<unk>` and words outside the vocabulary get `unknown`. */
  encode(text: Tokens): Int32Array;
  readonly unknown: number;
  /**
   * The words of numbers up to the first boundary, separated by spaces. Unknown words are `<unk>`.
   *
   * @throws ValidationError for numbers that are not in use
   */
  textOf(numbers: ArrayLike<number>): string;
}

export interface VocabularyOptions {
  /** The least count of a known word. Default 1: every word is known. */
  readonly least?: number;
  /** The most words, chosen by frequency. Default: all. */
  readonly most?: number;
}

/**
 * The vocabulary of these texts. Equally frequent words are in the order of their first occurrence.
 *
 * @throws ValidationError when no word is frequent enough
 */
export function vocabularyOf(texts: readonly Tokens[], { least = 1, most }: VocabularyOptions = {}): Vocabulary {
  assertPositiveInteger({ least, ...(most === undefined ? {} : { most }) });
  const counts = new Map<string | number, number>();
  for (const word of texts.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  counts.delete(UNKNOWN_WORD);
  const frequent = [...counts].filter(([, count]) => count >= least).sort(([, a], [, b]) => b - a);
  const words = frequent.slice(0, most).map(([word]) => word);
  if (words.length === 0)
    fail(`${texts.length} texts have no word that comes ${least} times`, "at least one", "give more text");
  const numbers = new Map(words.map((word, i) => [word, i + RESERVED]));
  return {
    words,
    size: words.length + RESERVED,
    unknown: UNKNOWN,
    encode: (text) => Int32Array.from(text, (word) => numbers.get(word) ?? UNKNOWN),
    textOf(given) {
      const all = Array.from(given);
      const end = all.indexOf(BOUNDARY);
      const sentence = end < 0 ? all : all.slice(0, end);
      return sentence.map((number) => wordOf(words, number)).join(" ");
    },
  };
}

function wordOf(words: Tokens, number: number): string | number {
  if (number === UNKNOWN) return UNKNOWN_WORD;
  const word = words[number - RESERVED];
  return word ?? fail(`${number} is the number of no word`, `a whole number from 0 to ${words.length + RESERVED - 1}`);
}
