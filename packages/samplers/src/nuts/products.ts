/** U-turn tests among the leaves of one program, from the products p_i · M⁻¹p_j of its momenta: a few additions each. */
import { blockSize, type Leaves } from "./leaves.js";
import { spanStarts } from "./spans.js";

/** {@link spanStarts} of the leaves of a block. */
const startsAt = Array.from({ length: blockSize }, (_, n) => spanStarts(n));

// Plain numbers as arguments: these run some ten times for every chain of every draw.

/**
 * v₋·ρ̃ ≤ 0 or v₊·ρ̃ ≤ 0 in a row, with ρ̃ = ρ - ½(p₋ + p₊): the span ends at the leaves `first` and `last`, and ρ is the sum of the momenta of
 * leaves `from` to `to` and, if it is not negative, of leaf `besides`.
 */
export function turned(
  { products, count }: Leaves,
  row: number,
  from: number,
  to: number,
  first: number,
  last: number,
  besides = -1,
): boolean {
  const [before, after] = [(row * count + first) * count, (row * count + last) * count];
  const across = products[before + last]! / 2;
  let atFirst = -products[before + first]! / 2 - across;
  let atLast = -products[after + last]! / 2 - across;
  for (let n = from; n <= to; n++) {
    atFirst += products[before + n]!;
    atLast += products[after + n]!;
  }
  if (besides >= 0) {
    atFirst += products[before + besides]!;
    atLast += products[after + besides]!;
  }
  // Not "<= 0": where a number is NaN nothing goes on.
  return !(atFirst > 0 && atLast > 0);
}

/** Whether one of the aligned spans that end with leaf `n`, counted from leaf `origin` of the program, turns back. */
export function turnedAt(leaves: Leaves, row: number, origin: number, n: number, extraChecks: boolean): boolean {
  const to = origin + n;
  for (const start of startsAt[n]!) {
    const from = origin + start;
    if (turned(leaves, row, from, to, from, to)) return true;
    if (!extraChecks || to === from + 1) continue;
    const middle = (from + to + 1) / 2;
    if (turned(leaves, row, from, middle, from, middle)) return true;
    if (turned(leaves, row, middle - 1, to, middle - 1, to)) return true;
  }
  return false;
}
