/**
 * U-turn tests: when a trajectory, or one of its aligned spans, turns back.
 *
 * A span with the ends p₋ and p₊ and the sum of momenta ρ turns back where v₋·ρ̃ ≤ 0 or v₊·ρ̃ ≤ 0,
 * with v = M⁻¹p and ρ̃ = ρ - ½(p₋ + p₊). Within one program the test takes the products p_i ·
 * M⁻¹p_j that the program computed. Longer spans are given by their ends and the sum of their
 * momenta.
 */
import { blockSize, type Leaves, type Point } from "./leaves.js";

/**
 * The first leaves of the spans that are tested at leaf n, their last: aligned spans of 2, 4, 8,
 * ... leaves. None for even n; for n = 7 they are 6, 4 and 0.
 */
export function spanStarts(n: number): number[] {
  const starts: number[] = [];
  for (let size = 2; (n + 1) % size === 0; size *= 2) starts.push(n + 1 - size);
  return starts;
}

/** {@link spanStarts} of the leaves of a block. */
const startsAt = Array.from({ length: blockSize }, (_, n) => spanStarts(n));

// Plain numbers as arguments: these run some ten times for every chain of every draw.

/**
 * Whether a span within a program turns back, in a row.
 *
 * The span ends at the leaves `first` and `last`. ρ is the sum of the momenta of leaves `from` to
 * `to` and, if it is not negative, of leaf `besides`.
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
  // Not "<= 0": a span with a NaN turns back too.
  return !(atFirst > 0 && atLast > 0);
}

/** Whether an aligned span that ends with leaf `n`, counted from leaf `origin`, turns back. */
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

/** Momenta p and velocities M⁻¹p: a row for each chain, of as many numbers as a position has. */
export type Momenta = {
  readonly momentum: Float32Array;
  readonly velocity: Float32Array;
};

/** Where trajectories end. */
export type Edge = Point & Momenta;

/** A span of each row's trajectory: its ends and the sum of its momenta. */
export interface Span {
  readonly first: Momenta;
  readonly last: Momenta;
  readonly sum: Float32Array;
}

export const plus = (a: Float32Array, b: Float32Array): Float32Array<ArrayBuffer> => {
  const sum = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
};

/** The span of `newer` after `older`. */
export const joined = (older: Span, newer: Span): Span => ({
  first: older.first,
  last: newer.last,
  sum: plus(older.sum, newer.sum),
});

/**
 * Whether the span between two ends turns back, in a row. ρ is `sum`, to which `more` is added if
 * given.
 */
function turnedBetween(
  first: Momenta,
  last: Momenta,
  { sum, more }: { readonly sum: Float32Array; readonly more?: Float32Array },
  { row, size }: { readonly row: number; readonly size: number },
): boolean {
  let [before, after] = [0, 0];
  for (let i = row * size; i < (row + 1) * size; i++) {
    const total = more === undefined ? sum[i]! : sum[i]! + more[i]!;
    const rho = total - (first.momentum[i]! + last.momentum[i]!) / 2;
    before += first.velocity[i]! * rho;
    after += last.velocity[i]! * rho;
  }
  // Not "<= 0": a span with a NaN turns back too.
  return !(before > 0 && after > 0);
}

/**
 * Whether the span `whole` = {@link joined}(older, newer) turns back.
 *
 * With `extraChecks` also the older half with the first leaf of the newer, and the last leaf of the
 * older with the newer half.
 */
export function turnedJoining(
  { older, newer, whole }: { readonly older: Span; readonly newer: Span; readonly whole: Span },
  extraChecks: boolean,
  at: { readonly row: number; readonly size: number },
): boolean {
  if (turnedBetween(whole.first, whole.last, whole, at)) return true;
  return (
    extraChecks &&
    (turnedBetween(older.first, newer.first, { sum: older.sum, more: newer.first.momentum }, at) ||
      turnedBetween(older.last, newer.last, { sum: newer.sum, more: older.last.momentum }, at))
  );
}
