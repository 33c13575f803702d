/**
 * Sums of the cubic kernel `k(x, y) = (x^T y / d + 1)^3` of vectors of length d, over many subsets
 * of rows at once.
 */
import { type DenseMatrix, dot, row, rowProducts, rowsOf } from "@ergodic/linear-algebra";

/** Rows of one matrix that are paired with rows of another; ascending. */
export interface RowPairs {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

const ROWS_AT_ONCE = 128;

const cubed = (product: number, dimensions: number): number => {
  const base = product / dimensions + 1;
  return base * base * base;
};

/**
 * For each subset the sum of `k(a_i, b_j)` over all i in `left` and j in `right`.
 *
 * The kernel of two rows is computed once for all subsets. It is in memory for {@link ROWS_AT_ONCE}
 * rows of `a` at a time. If `a` and `b` are one matrix, `left` and `right` must be the same: half
 * of the symmetric kernel is computed.
 *
 * @param onRows receives the number of further rows of `a` that are done
 */
export function kernelSums(
  a: DenseMatrix,
  b: DenseMatrix,
  subsets: readonly RowPairs[],
  onRows?: (count: number) => void,
): Float64Array {
  const sums = new Float64Array(subsets.length);
  for (let from = 0; from < a.rows; from += ROWS_AT_ONCE) {
    const to = Math.min(a.rows, from + ROWS_AT_ONCE);
    const first = a === b ? from : 0;
    const twiceFrom = a === b ? to : Infinity;
    const others = rowsOf(b, first, b.rows - first);
    const kernel = rowProducts(rowsOf(a, from, to - from), others).values.map((value) => cubed(value, a.columns));
    subsets.forEach(({ left, right }, s) => {
      const start = firstFrom(right, first);
      let sum = 0;
      for (let i = firstFrom(left, from); i < left.length && left[i]! < to; i++) {
        const at = (left[i]! - from) * others.rows - first;
        for (let j = start; j < right.length; j++) sum += kernel[at + right[j]!]! * (right[j]! < twiceFrom ? 1 : 2);
      }
      sums[s]! += sum;
    });
    onRows?.(to - from);
  }
  return sums;
}

/** The sum of `k(a_i, b_j)` over the pairs `left[t]`, `right[t]`. */
export function pairedKernelSum(a: DenseMatrix, b: DenseMatrix, { left, right }: RowPairs): number {
  const { columns } = a;
  return left.reduce(
    (sum, i, t) => sum + cubed(dot(row(a.values, i, columns), row(b.values, right[t]!, columns)), columns),
    0,
  );
}

/** Index of the first number that is at least `least`. */
function firstFrom(ascending: Int32Array, least: number): number {
  const found = ascending.findIndex((value) => value >= least);
  return found < 0 ? ascending.length : found;
}
