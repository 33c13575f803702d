/**
 * Spans of a trajectory longer than a program grows at once, by their ends and the sum of their momenta, and when they turn back.
 *
 * All arrays hold rows of as many numbers as a position has, a row for each chain.
 */

export type Momenta = {
  readonly momentum: Float32Array;
  /** M⁻¹p. */
  readonly velocity: Float32Array;
};

/** Points of trajectories. */
export type Point = {
  readonly position: Float32Array;
  readonly gradient: Float32Array;
  readonly momentum: Float32Array;
};

/** Where trajectories end. */
export type Edge = Point & Momenta;

export interface Span {
  readonly first: Momenta;
  readonly last: Momenta;
  readonly sum: Float32Array;
}

/** Rows `places` of `values`, whose rows have `size` numbers. */
export function gatherRows(values: Float32Array, places: ArrayLike<number>, size: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(places.length * size);
  for (let i = 0; i < places.length; i++) {
    rows.set(values.subarray(places[i]! * size, (places[i]! + 1) * size), i * size);
  }
  return rows;
}

/** Those rows of all arrays of a record. */
export const gatherAll = <T extends { readonly [name: string]: Float32Array }>(
  arrays: T,
  places: ArrayLike<number>,
  size: number,
): T =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => [name, gatherRows(values, places, size)]),
  ) as unknown as T;

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

/** v₋·ρ̃ ≤ 0 or v₊·ρ̃ ≤ 0 for a row, with ρ̃ = ρ - ½(p₋ + p₊) and ρ = `sum`, to which `more` is added if given. */
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
  // Not "<= 0": where a number is NaN nothing goes on.
  return !(before > 0 && after > 0);
}

/**
 * Whether the span `whole` = {@link joined}(older, newer) turns back; with `extraChecks` also the older half with the first leaf of the newer, and
 * the last leaf of the older with the newer half.
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
