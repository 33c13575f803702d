/** The linear assignment problem: the cheapest pairing of rows with columns. */
import { fail } from "@ergodic/tensor";
import { assertAllFinite } from "./assertions.js";
import type { DenseMatrix } from "./large/blocks.js";

/**
 * The permutation p with the least `sum_i cost[i, p(i)]`, exact, in `O(n^3)` steps.
 *
 * Rows enter one by one, each along a shortest augmenting path in reduced costs. Potentials of rows
 * and columns keep the reduced costs at zero or above.
 *
 * Source: R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse
 * linear
 * assignment problems" (1987).
 *
 * @param cost `[n, n]`
 * @returns `[n]`: the column of each row
 * @throws ValidationError for another shape, or numbers that are not finite
 */
export function assignment(cost: DenseMatrix): Int32Array {
  const { rows: n, columns, values } = cost;
  if (n !== columns || values.length !== n * n)
    fail(`the costs are [${n}, ${columns}] with ${values.length} numbers`, "a square matrix", "pair equal counts");
  assertAllFinite("the cost matrix", values);
  const rowOf = new Int32Array(n).fill(-1);
  const [ofRows, ofColumns] = [new Float64Array(n), new Float64Array(n)];
  for (let row = 0; row < n; row++) enter(row, { n, values, rowOf, ofRows, ofColumns });
  const columnOf = new Int32Array(n);
  rowOf.forEach((row, column) => (columnOf[row] = column));
  return columnOf;
}

interface Partial {
  readonly n: number;
  readonly values: Float64Array;
  /** The row of each column so far, or -1. */
  readonly rowOf: Int32Array;
  /** The potentials. */
  readonly ofRows: Float64Array;
  readonly ofColumns: Float64Array;
}

/** Gives `entering` a column, and moves other rows along the shortest augmenting path. */
function enter(entering: number, { n, values, rowOf, ofRows, ofColumns }: Partial): void {
  const distance = new Float64Array(n).fill(Infinity);
  const before = new Int32Array(n).fill(-1);
  const reached = new Uint8Array(n);
  let last = -1;
  let length = 0;
  do {
    const row = last < 0 ? entering : rowOf[last]!;
    let nearest = -1;
    for (let j = 0; j < n; j++) {
      if (reached[j]) continue;
      const through = length + values[row * n + j]! - ofRows[row]! - ofColumns[j]!;
      if (through < distance[j]!) {
        distance[j] = through;
        before[j] = last;
      }
      if (nearest < 0 || distance[j]! < distance[nearest]!) nearest = j;
    }
    reached[nearest] = 1;
    length = distance[nearest]!;
    last = nearest;
  } while (rowOf[last]! >= 0);
  ofRows[entering]! += length;
  for (let j = 0; j < n; j++) {
    if (!reached[j] || j === last) continue;
    ofRows[rowOf[j]!]! += length - distance[j]!;
    ofColumns[j]! -= length - distance[j]!;
  }
  for (let j = last; j >= 0; j = before[j]!) rowOf[j] = before[j]! < 0 ? entering : rowOf[before[j]!]!;
}
