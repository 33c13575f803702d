/** Factors of small matrices: products, inverses, and matrices that have no factor. */
import { type HostKey, hostDraw, random, ValidationError } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import {
  cholesky,
  dot,
  lowerInverse,
  multiply,
  orthonormalRows,
  positiveInverse,
  triangularFactors,
  type Matrix,
} from "../src/index.js";

const transposed = (a: Matrix): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));
const times = (a: Matrix, b: Matrix): number[][] => transposed(transposed(b).map((column) => multiply(a, column)));
const identity = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)));

function normals(seed: number, n: number): number[][] {
  const { values } = hostDraw(random.key(seed) as HostKey, { kind: "normal", shape: [n, n], mean: 0, sd: 1 });
  return Array.from({ length: n }, (_, i) => Array.from(values.subarray(i * n, (i + 1) * n)));
}

/** The matrix B Bᵀ + I. Its eigenvalues are at least 1, so rounding errors stay near 1e-15. */
function positive(seed: number, n: number): number[][] {
  const b = normals(seed, n);
  return times(b, transposed(b)).map((row, i) => row.map((value, j) => value + (i === j ? 1 : 0)));
}

function expectClose(actual: Matrix, expected: Matrix, within = 1e-12): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  for (const [i, row] of expected.entries())
    for (const [j, value] of row.entries()) expect(Math.abs(actual[i]![j]! - value)).toBeLessThan(within);
}

describe("cholesky", () => {
  it("gives the factor known in closed form", () => {
    // [[4, 2], [2, 10]] = [[2, 0], [1, 3]] [[2, 1], [0, 3]]
    expect(cholesky("a", [[4, 2], [2, 10]])).toEqual([[2, 0], [1, 3]]); // prettier-ignore
    const { inverse, logDeterminant } = positiveInverse("a", [[4, 2], [2, 10]]); // prettier-ignore
    expectClose(inverse, [[10 / 36, -2 / 36], [-2 / 36, 4 / 36]]); // prettier-ignore
    expect(logDeterminant).toBeCloseTo(Math.log(36), 12);
  });

  it.each([1, 2, 5, 17])("of %i rows multiplies to its matrix, and inverses to the identity", (n) => {
    const matrix = positive(n, n);
    const lower = cholesky("a", matrix);
    expect(lower.every((row, i) => row.every((value, j) => j <= i || value === 0))).toBe(true);
    expectClose(times(lower, transposed(lower)), matrix);
    expectClose(times(lowerInverse(lower), lower), identity(n));
    expectClose(times(positiveInverse("a", matrix).inverse, matrix), identity(n));
  });

  it.each([
    ["a ragged matrix", [[1, 0], [0]], /a has rows of length 2, 1, expected a square matrix/],
    ["no rows", [], /expected a square matrix/],
    ["NaN", [[1, NaN], [NaN, 1]], /a\[0\]\[1\] is NaN, expected a finite number/],
    ["an asymmetric one", [[1, 0.5], [0, 1]], /a differs at \[1\]\[0\] and \[0\]\[1\], expected a symmetric matrix/],
    ["a negative eigenvalue", [[1, 2], [2, 1]], /a is not positive definite/],
    ["a singular one", [[1, 1], [1, 1]], /a is not positive definite/],
  ])("refuses %s", (_, matrix, message) => {
    expect(() => cholesky("a", matrix)).toThrow(ValidationError);
    expect(() => cholesky("a", matrix)).toThrow(message);
  }); // prettier-ignore
});

describe("triangularFactors", () => {
  it.each([1, 2, 6, 13])("of %i rows multiply to the permuted matrix, with entries of L of at most 1", (n) => {
    const matrix = normals(100 + n, n);
    const { permutation, factors } = triangularFactors(matrix);
    const lower = factors.map((row, i) => row.map((value, j) => (i === j ? 1 : j < i ? value : 0)));
    const right = factors.map((row, i) => row.map((value, j) => (j >= i ? value : 0)));
    expectClose(
      times(lower, right),
      permutation.map((from) => matrix[from]!),
    );
    expect(Math.max(...lower.flat().map(Math.abs))).toBe(1);
  });

  it("refuse singular and oblong matrices", () => {
    expect(() => triangularFactors([[1, 2], [2, 4]])).toThrow(/singular/); // prettier-ignore
    expect(() => triangularFactors([[1, 2]])).toThrow(/not square/);
  });
});

it("orthonormalRows keep the span of every first rows and are orthonormal", () => {
  const given = normals(7, 9);
  const rows = orthonormalRows(given);
  expectClose(times(rows, transposed(rows)), identity(9));
  // Row i is orthogonal to all given rows before it, and has a positive product with its own.
  rows.forEach((row, i) => {
    for (let j = 0; j < i; j++) expect(Math.abs(dot(row, given[j]!))).toBeLessThan(1e-12);
    expect(dot(row, given[i]!)).toBeGreaterThan(0);
  });
});
