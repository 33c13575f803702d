/** Dense linear algebra on the host, in float64. */
export { dot, multiply, row } from "./matrix.js";
export type { Matrix } from "./matrix.js";
export { assertAllFinite, assertSymmetric } from "./assertions.js";
export type { NumberArray } from "./assertions.js";
export { cholesky, lowerInverse, positiveInverse } from "./cholesky.js";
export { triangularFactors } from "./triangular-factors.js";
export type { TriangularFactors } from "./triangular-factors.js";
export { orthonormalRows } from "./orthonormal-rows.js";
export { symmetricEigen } from "./symmetric-eigen.js";
export type { Eigenpairs } from "./symmetric-eigen.js";
export { leadingEigenpairs } from "./leading-eigenpairs.js";
export { rowProducts, rowsOf } from "./large/row-products.js";
export type { DenseMatrix } from "./large/row-products.js";
export { ScatterSum } from "./large/scatter-sum.js";
export { pivotedCholesky } from "./large/pivoted-cholesky.js";
export type { PivotedFactor } from "./large/pivoted-cholesky.js";
export { nuclearNorm } from "./large/nuclear-norm.js";
export { tridiagonalEigenvalues } from "./large/tridiagonal.js";
