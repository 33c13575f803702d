/** Pictures as rows of numbers. */

/** Numbers in one picture of `[n, ...]`. */
export const numbersIn = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.slice(1).reduce((product, side) => product * side, 1);

/** Σ (a - b)² of row `i` of `a` and row `j` of `b`, rows of `size` numbers. */
export function squaredDistance(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  size: number,
): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += (a[i * size + k]! - b[j * size + k]!) ** 2;
  return sum;
}
