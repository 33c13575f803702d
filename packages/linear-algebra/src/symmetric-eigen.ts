/** All eigenpairs of a symmetric matrix. */
import { ValidationError } from "@ergodic/tensor";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { assertAllFinite, assertSymmetric } from "./assertions.js";
import { row } from "./matrix.js";

/** Eigenvalues in descending order, with orthonormal eigenvectors. */
export interface Eigenpairs {
  /** `[count]`, descending */
  readonly values: Float64Array;
  /** `[count, dimensions]` row-major; row `i` is the eigenvector of `values[i]` */
  readonly vectors: Float64Array;
}

/**
 * All eigenpairs of a symmetric matrix.
 *
 * `A = sum_i values[i] vectors[i]^T vectors[i]`.
 *
 * @param matrix `[dimensions, dimensions]` row-major
 * @throws ValidationError for another size, numbers that are not finite, or a matrix that is not
 * symmetric
 */
export function symmetricEigen(matrix: Float64Array, dimensions: number): Eigenpairs {
  assertSymmetricMatrix(matrix, dimensions);
  const rows = Array.from({ length: dimensions }, (_, i) => row(matrix, i, dimensions));
  const solved = new EigenvalueDecomposition(new Matrix(rows.map((r) => Array.from(r))), { assumeSymmetric: true });
  const order = solved.realEigenvalues.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value);
  const vectors = new Float64Array(dimensions * dimensions);
  order.forEach(({ index }, i) => {
    for (let j = 0; j < dimensions; j++) vectors[i * dimensions + j] = solved.eigenvectorMatrix.get(j, index);
  });
  return { values: Float64Array.from(order, ({ value }) => value), vectors };
}

/**
 * Checks a symmetric matrix.
 *
 * @throws ValidationError for another size, numbers that are not finite, or a matrix that is not
 * symmetric
 */
export function assertSymmetricMatrix(matrix: Float64Array, dimensions: number): void {
  if (matrix.length !== dimensions * dimensions)
    throw new ValidationError(
      `the matrix holds ${matrix.length} numbers, expected ${dimensions} x ${dimensions} = ${dimensions ** 2}`,
    );
  assertAllFinite("the matrix", matrix);
  assertSymmetric("the matrix", matrix, dimensions);
}
