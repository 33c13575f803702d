/** The cheapest pairing, against all permutations and against a pairing known in closed form. */
import { random } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { assignment, type DenseMatrix } from "../src/index.js";

const costs = (n: number, seed: number): DenseMatrix => ({
  rows: n,
  columns: n,
  values: Float64Array.from(random.host.normal(random.key(seed), n * n)),
});

const total = ({ rows, values }: DenseMatrix, columnOf: Iterable<number>): number =>
  [...columnOf].reduce((sum, column, row) => sum + values[row * rows + column]!, 0);

const permutations = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first) => permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));

describe("assignment", () => {
  it.each([1, 2, 3, 4, 5, 6, 7])("of %i rows costs as much as the best of all permutations", (n) => {
    for (let seed = 0; seed < 5; seed++) {
      const cost = costs(n, 100 * n + seed);
      const found = assignment(cost);
      expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      const best = Math.min(...permutations([...found.keys()]).map((columns) => total(cost, columns)));
      expect(total(cost, found)).toBeCloseTo(best, 12);
    }
  });

  it("of two sets on a line by squared distance keeps their order", () => {
    const n = 200;
    const [a, b] = [1, 2].map((seed) => random.host.normal(random.key(seed), n)) as [Float32Array, Float32Array];
    const values = Float64Array.from({ length: n * n }, (_, k) => (a[Math.floor(k / n)]! - b[k % n]!) ** 2);
    const byValue = (x: Float32Array): number[] => [...x.keys()].sort((i, j) => x[i]! - x[j]!);
    const found = assignment({ rows: n, columns: n, values });
    const [first, second] = [byValue(a), byValue(b)];
    expect(first.map((i) => found[i])).toEqual(second);
  });

  it("takes equal costs, and refuses other shapes and NaN", () => {
    const equal = { rows: 3, columns: 3, values: new Float64Array(9) };
    expect([...assignment(equal)].sort()).toEqual([0, 1, 2]);
    expect(() => assignment({ rows: 2, columns: 3, values: new Float64Array(6) })).toThrow("a square matrix");
    expect(() => assignment({ rows: 1, columns: 1, values: Float64Array.of(NaN) })).toThrow(
      "the cost matrix holds NaN",
    );
  });
});
