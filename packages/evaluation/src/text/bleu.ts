/**
 * BLEU: shares of a text's n-grams found in references, with a penalty for brevity.
 *
 * Texts are given as tokens. Tokenisation and case change the value, so report them with it.
 * Source: K. Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation"
 * (2002).
 */
import type { Tokens } from "@ergodic/data";
import { assertOneOf, assertPositiveInteger, fail } from "@ergodic/tensor";
import { gramsOf, referenceIndex, type References } from "./reference-index.js";

/**
 * Replacement of a share of zero n-grams:
 * - "none": 0 (multi-bleu.perl)
 * - "exp": `1 / (2^j total)` for the j-th such order (sacrebleu's default)
 * - "floor": `0.1 / total` (sacrebleu's floor, NLTK's method 1)
 */
export type BleuSmoothing = "none" | "exp" | "floor";

export interface BleuOptions {
  /** Longest n-gram; default 4. */
  readonly order?: number;
  /** Default "none". */
  readonly smoothing?: BleuSmoothing;
}

export interface Bleu {
  /** From 0 to 1; papers often report 100 times it. */
  readonly value: number;
  /** Matched n-grams, clipped by their count in a reference, and all n-grams, for n = 1, 2, ... */
  readonly found: readonly number[];
  readonly total: readonly number[];
  readonly brevityPenalty: number;
}

/**
 * Corpus BLEU `BP exp(mean_n log(found_n / total_n))` of counts summed over all texts.
 *
 * `BP = 1` for `c >= r`, else `exp(1 - r / c)`. `r` sums the reference lengths closest to each
 * text's, the shorter on ties.
 *
 * @param texts the generated texts
 * @param references the references of each text; one list can serve several texts, and is counted
 *   once
 * @throws ValidationError when the counts differ or a text has no reference
 */
export function bleu(
  texts: readonly Tokens[],
  references: readonly (readonly Tokens[])[],
  { order = 4, smoothing = "none" }: BleuOptions = {},
): Bleu {
  assertOptions(order, smoothing);
  if (texts.length === 0 || texts.length !== references.length || references.some((own) => own.length === 0))
    fail(
      `there are ${texts.length} texts and ${references.length} lists of references`,
      "at least one reference for each",
    );
  const indexes = new Map([...new Set(references)].map((own) => [own, referenceIndex(own, order)]));
  return score(
    texts.map((text, i) => ({ text, references: indexes.get(references[i]!)! })),
    { order, smoothing },
  );
}

/**
 * Self-BLEU: the mean BLEU of each text against all others, high when a model repeats itself.
 *
 * Source: Texygen: A Benchmarking Platform for Text Generation Models, arXiv 1802.01886.
 */
export function selfBleu(texts: readonly Tokens[], { order = 4, smoothing = "none" }: BleuOptions = {}): number {
  assertOptions(order, smoothing);
  if (texts.length < 2) fail(`there are ${texts.length} texts`, "at least 2 to compare", "generate more");
  const all = referenceIndex(texts, order);
  const scores = texts.map((text, i) => score([{ text, references: all.without(i) }], { order, smoothing }).value);
  return scores.reduce((sum, value) => sum + value, 0) / texts.length;
}

function assertOptions(order: number, smoothing: BleuSmoothing): void {
  assertPositiveInteger({ order });
  assertOneOf({ smoothing }, ["none", "exp", "floor"]);
}

function score(
  pairs: readonly { readonly text: Tokens; readonly references: References }[],
  { order, smoothing }: Required<BleuOptions>,
): Bleu {
  const found = Array<number>(order).fill(0);
  const total = Array<number>(order).fill(0);
  let [length, wanted] = [0, 0];
  for (const { text, references } of pairs) {
    length += text.length;
    wanted += references.closest(text.length);
    for (let n = 1; n <= order; n++)
      for (const [gram, count] of gramsOf(text, n)) {
        found[n - 1]! += Math.min(count, references.most(n, gram));
        total[n - 1]! += count;
      }
  }
  const brevityPenalty = length === 0 ? 0 : Math.min(1, Math.exp(1 - wanted / length));
  return { value: brevityPenalty * geometricMean(found, total, smoothing), found, total, brevityPenalty };
}

function geometricMean(found: readonly number[], total: readonly number[], smoothing: BleuSmoothing): number {
  let zeros = 0;
  const shares = found.map((count, n) => {
    if (count > 0 || total[n] === 0 || smoothing === "none") return total[n] === 0 ? 0 : count / total[n]!;
    zeros += 1;
    return (smoothing === "exp" ? 2 ** -zeros : 0.1) / total[n]!;
  });
  return shares.includes(0) ? 0 : Math.exp(shares.reduce((sum, share) => sum + Math.log(share), 0) / shares.length);
}
