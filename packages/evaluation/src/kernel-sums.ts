/**
 * Sums of the cubic kernel `k(x, y) = (x^T y / d + 1)^3` of vectors of length d, over many subsets
 * of rows at once.
 */
import { type DenseMatrix, dot, productsByRows, type RowProduct, row } from "@ergodic/linear-algebra";

/** Rows of one matrix that are paired with rows of another; ascending. */
export interface RowPairs {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

interface KernelSumsOptions {
  /** Receives the number of further rows of `a` that are done. */
  readonly onRows?: (count: number) => void;
  /** Computes the products. */
  readonly product?: RowProduct | undefined;
}

const cubed = (product: number, dimensions: number): number => {
  const base = product / dimensions + 1;
  return base * base * base;
};

/**
 * For each subset the sum of `k(a_i, b_j)` over all i in `left` and j in `right`.
 *
 * The kernel of two rows is computed once for all subsets, and is in memory for some rows of `a` at
 * a time. If `a` and `b` are one matrix, `left` and `right` must be the same: half of the symmetric
 * kernel is computed.
 */
export function kernelSums(
  a: DenseMatrix,
  b: DenseMatrix,
  subsets: readonly RowPairs[],
  { onRows, product }: KernelSumsOptions = {},
): Float64Array {
  const sums = new Float64Array(subsets.length);
  for (const { from, products } of productsByRows(a, b, product)) {
    const kernel = products.values;
    for (let i = 0; i < products.rows; i++)
      for (let at = i * b.rows + (a === b ? from + i : 0); at < (i + 1) * b.rows; at++)
        kernel[at] = cubed(kernel[at]!, a.columns);
    subsets.forEach(({ left, right }, s) => {
      let sum = 0;
      for (let i = firstFrom(left, from); i < left.length && left[i]! < from + products.rows; i++) {
        const at = (left[i]! - from) * b.rows;
        let ofRow = 0;
        for (let j = a === b ? i : 0; j < right.length; j++) ofRow += kernel[at + right[j]!]!;
        sum += a === b ? 2 * ofRow - kernel[at + left[i]!]! : ofRow;
      }
      sums[s]! += sum;
    });
    onRows?.(products.rows);
  }
  return sums;
}

/**
 * For each subset the sum of `k(a_i, b_j)` over the pairs `left[t]`, `right[t]`. The kernel of a pair
 * is computed once for all subsets.
 */
export function pairedKernelSums(a: DenseMatrix, b: DenseMatrix, subsets: readonly RowPairs[]): number[] {
  const { columns } = a;
  const known = new Map<number, number>();
  const kernel = (i: number, j: number): number => {
    const pair = i * b.rows + j;
    const value = known.get(pair) ?? cubed(dot(row(a.values, i, columns), row(b.values, j, columns)), columns);
    known.set(pair, value);
    return value;
  };
  return subsets.map(({ left, right }) => left.reduce((sum, i, t) => sum + kernel(i, right[t]!), 0));
}

/** Index of the first number that is at least `least`. */
function firstFrom(ascending: Int32Array, least: number): number {
  const found = ascending.findIndex((value) => value >= least);
  return found < 0 ? ascending.length : found;
}
