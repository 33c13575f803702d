/** The perplexity of a text under a language model, from -log p of its sentences. */
import { fail } from "@ergodic/tensor";

export interface Perplexity {
  /** exp(`nats`): the effective number of equally likely words at each step. */
  readonly value: number;
  /** Σ -log p of all sentences, over all their tokens. */
  readonly nats: number;
  /**
   * Standard error of `nats` for independent sentences, that of a ratio to first order; NaN for one
   * sentence.
   */
  readonly standardError: number;
  /**
   * Number of words, plus one end for each sentence. The boundary before a sentence is not
   * predicted.
   */
  readonly tokens: number;
  readonly sentences: number;
  /**
   * Share of tokens outside the vocabulary. They are predicted as one word, so a large share makes
   * the value too good.
   */
  readonly unknown: number;
}

/** The score of a sentence. */
export interface SentenceSurprise {
  /** -log p in nats, including its end. */
  readonly nats: number;
  /** Number of its words and its end. */
  readonly tokens: number;
  readonly unknown: number;
}

/**
 * exp(Σ_i nats_i / Σ_i tokens_i): each token has the same weight, for any length of its sentence.
 *
 * @throws ValidationError without sentences
 */
export function perplexityOf(sentences: readonly SentenceSurprise[]): Perplexity {
  if (sentences.length === 0) fail("there are no sentences", "at least one");
  const sum = (what: (sentence: SentenceSurprise) => number): number =>
    sentences.reduce((total, sentence) => total + what(sentence), 0);
  const tokens = sum((sentence) => sentence.tokens);
  const nats = sum((sentence) => sentence.nats) / tokens;
  const spread = sum((sentence) => (sentence.nats - nats * sentence.tokens) ** 2) / (sentences.length - 1);
  return {
    value: Math.exp(nats),
    nats,
    standardError: Math.sqrt(sentences.length * spread) / tokens,
    tokens,
    sentences: sentences.length,
    unknown: sum(({ unknown }) => unknown) / tokens,
  };
}
