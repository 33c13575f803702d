/** Counts of n-grams and lengths of references, as BLEU needs them. */
import type { Tokens } from "@ergodic/data";

export interface References {
  /** The largest count of an n-gram in any one reference. */
  most(n: number, gram: string): number;
  /** The reference length nearest to this one, the shorter on ties. */
  closest(length: number): number;
}

export interface ReferenceIndex extends References {
  /** The references without one. */
  without(index: number): References;
}

/** N-grams by an unambiguous text of their tokens, with their counts. */
export function gramsOf(tokens: Tokens, n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = JSON.stringify(tokens.slice(i, i + n));
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** The two largest counts of an n-gram, and the reference with the first. */
interface Best {
  count: number;
  by: number;
  next: number;
}

/** Counts the references once, for n-grams up to `order`, for any number of texts. */
export function referenceIndex(references: readonly Tokens[], order: number): ReferenceIndex {
  const best = Array.from({ length: order }, () => new Map<string, Best>());
  const lengths = new Map<number, number>();
  references.forEach((reference, by) => {
    lengths.set(reference.length, (lengths.get(reference.length) ?? 0) + 1);
    best.forEach((grams, i) => {
      for (const [gram, count] of gramsOf(reference, i + 1)) {
        const known = grams.get(gram);
        if (known === undefined) grams.set(gram, { count, by, next: 0 });
        else if (count > known.count) Object.assign(known, { count, by, next: known.count });
        else known.next = Math.max(known.next, count);
      }
    });
  });
  const but = (left: number | undefined): References => ({
    most(n, gram) {
      const known = best[n - 1]!.get(gram);
      return known === undefined ? 0 : known.by === left ? known.next : known.count;
    },
    closest(length) {
      const own = left === undefined ? undefined : references[left]!.length;
      const others = [...lengths].filter(([other, count]) => count > (other === own ? 1 : 0)).map(([other]) => other);
      return others.reduce((nearest, other) => {
        const nearer = Math.abs(other - length) - Math.abs(nearest - length);
        return nearer < 0 || (nearer === 0 && other < nearest) ? other : nearest;
      });
    },
  });
  return { ...but(undefined), without: but };
}
