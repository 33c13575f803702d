/** Eigenpairs of symmetric matrices: all of them, and the leading ones of large matrices. */
import { describe, expect, it } from "vitest";
import { leadingEigenpairs, symmetricEigen } from "../src/index.js";
import { uniforms } from "./uniforms.js";

/**
 * A dense matrix with known eigenvalues: `H diag(d) H` with the Householder reflection `H = I - 2 v
 * v^T`, |v| = 1.
 */
function reflected(diagonal: Float64Array): Float64Array {
  const size = diagonal.length;
  const direction = uniforms(3, size).map((u) => u - 0.5);
  const norm = Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0));
  const v = direction.map((x) => x / norm);
  const middle = v.reduce((sum, x, k) => sum + diagonal[k]! * x * x, 0);
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    const shared = v[i]! * v[j]!;
    return (i === j ? diagonal[i]! : 0) - 2 * shared * (diagonal[i]! + diagonal[j]!) + 4 * shared * middle;
  });
}

function checkPairs(matrix: Float64Array, size: number, values: Float64Array, vectors: Float64Array, within: number) {
  for (let a = 0; a < values.length; a++) {
    const vector = vectors.subarray(a * size, (a + 1) * size);
    for (let b = 0; b <= a; b++) {
      const inner = vectors.subarray(b * size, (b + 1) * size).reduce((sum, x, k) => sum + x * vector[k]!, 0);
      expect(Math.abs(inner - (a === b ? 1 : 0))).toBeLessThan(1e-10);
    }
    for (let i = 0; i < size; i++) {
      let image = 0;
      for (let j = 0; j < size; j++) image += matrix[i * size + j]! * vector[j]!;
      expect(Math.abs(image - values[a]! * vector[i]!)).toBeLessThan(within);
    }
  }
}

describe("symmetricEigen", () => {
  it("gives all pairs, largest first", () => {
    const diagonal = Float64Array.of(1, 5, -2, 3, 3);
    const matrix = reflected(diagonal);
    const { values, vectors } = symmetricEigen(matrix, 5);
    [5, 3, 3, 1, -2].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12));
    checkPairs(matrix, 5, values, vectors, 1e-12);
  });
});

describe("leadingEigenpairs", () => {
  it("finds the leading pairs of a large matrix, repeated eigenvalues included", () => {
    const size = 300;
    const diagonal = Float64Array.from({ length: size }, (_, i) => 0.97 ** i);
    diagonal[3] = diagonal[2]!;
    diagonal[4] = diagonal[2]!;
    const matrix = reflected(diagonal);
    const { values, vectors } = leadingEigenpairs(matrix, size, 12);
    const expected = diagonal.slice().sort().reverse();
    values.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-12));
    checkPairs(matrix, size, values, vectors, 1e-9);
  });

  it("copes with a rank below the number of pairs", () => {
    const size = 300;
    const matrix = reflected(Float64Array.from({ length: size }, (_, i) => (i < 4 ? 4 - i : 0)));
    const { values, vectors } = leadingEigenpairs(matrix, size, 10);
    [4, 3, 2, 1, 0, 0].forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThan(1e-10));
    checkPairs(matrix, size, values, vectors, 1e-9);
  });

  it("refuses impossible counts and sizes", () => {
    expect(() => leadingEigenpairs(new Float64Array(4), 2, 3)).toThrow(/from 1 to 2/);
    expect(() => leadingEigenpairs(new Float64Array(5), 2, 1)).toThrow(/2 x 2 = 4/);
  });
});
