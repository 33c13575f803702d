/** How far the words of a text are from those of another. */
import type { Tokens } from "@ergodic/data";
import { fail } from "@ergodic/tensor";

/**
 * KL(data ‖ samples) = Σ_w p_w log(p_w/q_w) in nats, between shares of words, each with ½ added to the
 * counts of the words of both texts.
 *
 * @throws ValidationError for a text without words
 */
export function unigramDivergence(data: readonly Tokens[], samples: readonly Tokens[]): number {
  const [p, q] = [counted(data), counted(samples)];
  const words = new Set([...p.counts.keys(), ...q.counts.keys()]);
  const share = ({ counts, total }: Counted, word: string | number): number =>
    ((counts.get(word) ?? 0) + 0.5) / (total + 0.5 * words.size);
  let sum = 0;
  for (const word of words) sum += share(p, word) * Math.log(share(p, word) / share(q, word));
  return sum;
}

interface Counted {
  readonly counts: ReadonlyMap<string | number, number>;
  readonly total: number;
}

function counted(texts: readonly Tokens[]): Counted {
  const counts = new Map<string | number, number>();
  let total = 0;
  for (const text of texts)
    for (const word of text) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      total++;
    }
  if (total === 0) fail(`${texts.length} texts have no words`, "at least one");
  return { counts, total };
}
