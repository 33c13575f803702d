/**
 * A source of sentences with known entropy: each symbol is usually the sum of the two before it.
 */
import { random } from "@ergodic/tensor";

const [end, right] = [0.25, 0.8];
const entropy = (shares: readonly number[]) => -shares.reduce((sum, share) => sum + share * Math.log(share), 0);

/**
 * Every step makes the same choice for any prefix: end, or one of three symbols, of which one is
 * likely.
 */
export const entropyRate = entropy([end, 1 - end]) + (1 - end) * entropy([right, (1 - right) / 2, (1 - right) / 2]);
/** Entropy for a model that sees one symbol only: the three symbols are then equally likely. */
export const shortSightedRate = entropy([end, 1 - end]) + (1 - end) * Math.log(3);

const words = ["a", "b", "c"];

/** Sentences, and -log of their probabilities in nats. */
export function sentencesOf(seed: number, count: number): { texts: string[][]; nats: number } {
  const texts: string[][] = [];
  let nats = 0;
  for (let i = 0; i < count; i++) {
    const draws = random.host.uniform(random.fold(random.key(seed), i), 400);
    const text: number[] = [];
    for (let at = 0; draws[at]! >= end && text.length < 200; at += 2) {
      const likely = ((text.at(-1) ?? 0) + (text.at(-2) ?? 0)) % 3;
      const u = draws[at + 1]!;
      const next = u < right ? likely : (likely + (u < (1 + right) / 2 ? 1 : 2)) % 3;
      nats -= Math.log((1 - end) * (next === likely ? right : (1 - right) / 2));
      text.push(next);
    }
    nats -= Math.log(end);
    texts.push(text.map((symbol) => words[symbol]!));
  }
  return { texts, nats };
}
