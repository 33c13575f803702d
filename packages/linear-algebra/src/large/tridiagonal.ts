/** Eigenvalues of symmetric tridiagonal matrices, without vectors. */
import { ValidationError } from "@ergodic/tensor";

const MOST_STEPS = 60;

/**
 * All eigenvalues of a symmetric tridiagonal matrix, in no order.
 *
 * The method is the QL iteration with implicit Wilkinson shifts. The absolute error of each is a
 * few `Number.EPSILON` times the largest.
 *
 * Source: Bowdler, Martin, Reinsch, Wilkinson, "The QR and QL algorithms for symmetric matrices"
 * (1968).
 *
 * @param diagonal `[n]`
 * @param beside `[n - 1]`, the entries next to the diagonal
 */
export function tridiagonalEigenvalues(diagonal: Float64Array, beside: Float64Array): Float64Array {
  const d = diagonal.slice();
  const size = d.length;
  const e = new Float64Array(size);
  e.set(beside);
  for (let low = 0; low < size; low++)
    for (let step = 0; ; step++) {
      const high = endOfBlock(d, e, low);
      if (high === low) break;
      if (step === MOST_STEPS)
        throw new ValidationError(
          "the eigenvalues of a matrix did not settle; does it hold numbers that are not finite?",
        );
      sweep(d, e, low, high);
    }
  return d;
}

/**
 * The last index of the block that starts at `low`. Entries that are not negligible connect a
 * block.
 */
function endOfBlock(d: Float64Array, e: Float64Array, low: number): number {
  for (let m = low; m < d.length - 1; m++) {
    // Singular values give a zero diagonal. The scale is then that of the neighbouring entries.
    const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!) || Math.abs(e[m + 1]!) + (m > 0 ? Math.abs(e[m - 1]!) : 0);
    if (Math.abs(e[m]!) <= Number.EPSILON * scale) return m;
  }
  return d.length - 1;
}

/** One implicitly shifted QL step on the rows `low .. high`. */
function sweep(d: Float64Array, e: Float64Array, low: number, high: number): void {
  const slope = (d[low + 1]! - d[low]!) / (2 * e[low]!);
  let g = d[high]! - d[low]! + e[low]! / (slope + (slope >= 0 ? 1 : -1) * Math.sqrt(slope * slope + 1));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const length = Math.sqrt(f * f + g * g);
    e[i + 1] = length;
    if (length === 0) {
      d[i + 1]! -= shift;
      e[high] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = d[i + 1]! - shift;
    const turn = (d[i]! - g) * sine + 2 * cosine * b;
    shift = sine * turn;
    d[i + 1] = g + shift;
    g = cosine * turn - b;
  }
  d[low]! -= shift;
  e[low] = g;
  e[high] = 0;
}
