/** Variety of texts: the share of n-grams that are different. */
import type { Tokens } from "@ergodic/data";
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { gramsOf } from "./reference-index.js";

/**
 * Distinct-n: different n-grams over all n-grams of the texts, in (0, 1].
 *
 * It falls with the amount of text, so compare equal numbers of sentences only.
 * Source: J. Li et al., "A Diversity-Promoting Objective Function for Neural Conversation Models",
 * arXiv 1510.03055, section 5.1.
 *
 * @throws ValidationError when no text has n tokens
 */
export function distinct(texts: readonly Tokens[], n: number): number {
  assertPositiveInteger({ n });
  const seen = new Set<string>();
  let total = 0;
  for (const text of texts)
    for (const [gram, count] of gramsOf(text, n)) {
      seen.add(gram);
      total += count;
    }
  if (total === 0) fail(`none of ${texts.length} texts has ${n} tokens`, "at least one", "choose a smaller n");
  return seen.size / total;
}
