/** The perplexity of a text under a language model, from the surprise at each of its sentences. */
import { fail } from "@ergodic/tensor";

export interface Perplexity {
  /** exp(`nats`): among how many equally likely words the model hesitates on average. */
  readonly value: number;
  /** Σ -log p of all sentences, over all their tokens. */
  readonly nats: number;
  /** Standard error of `nats`, sentences being independent (a ratio's, to first order); NaN for one sentence. */
  readonly standardError: number;
  /** Words, and one end for each sentence; the boundary before it is not predicted. */
  readonly tokens: number;
  readonly sentences: number;
  /** Share of tokens that are not in the vocabulary; they are predicted as one word, so many of them flatter the value. */
  readonly unknown: number;
}

/** What scoring a sentence gave. */
export interface SentenceSurprise {
  /** -log p in nats, its end included. */
  readonly nats: number;
  /** Its words and its end. */
  readonly tokens: number;
  readonly unknown: number;
}

/** exp(Σ_i nats_i / Σ_i tokens_i): each token counts the same, however long its sentence. @throws ValidationError without sentences */
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
