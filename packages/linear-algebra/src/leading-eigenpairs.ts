/** The leading eigenpairs of large symmetric matrices, many times faster than all pairs. */
import { ValidationError } from "@ergodic/tensor";
import { dot, row } from "./matrix.js";
import { assertSymmetricMatrix, symmetricEigen, type Eigenpairs } from "./symmetric-eigen.js";

/** Up to this size all eigenpairs are computed, and the leading ones are taken from them. */
const DIRECT_UP_TO = 256;
const EXTRA_VECTORS = 8;
const KRYLOV_BLOCKS = 5;
const MOST_CYCLES = 200;

/**
 * The `count` largest eigenpairs of a symmetric positive semi-definite matrix A.
 *
 * Restarted block Krylov iteration:
 *
 * 1. A basis of `[V, A V, ..., A⁴ V]` is orthonormalised.
 * 2. A is diagonalised in this basis (Rayleigh-Ritz).
 * 3. The best vectors become the next V, until `|A v - value v| <= tolerance * values[0]` for every
 * wanted pair.
 *
 * The block is wider than the wanted count, so repeated eigenvalues are found too. The starting
 * block is fixed, so results are reproducible.
 *
 * @throws ValidationError as {@link symmetricEigen}, when `count` is not within `1..dimensions`, or
 * when the iteration does not converge
 */
export function leadingEigenpairs(
  matrix: Float64Array,
  dimensions: number,
  count: number,
  { tolerance = 1e-10 }: { tolerance?: number } = {},
): Eigenpairs {
  assertSymmetricMatrix(matrix, dimensions);
  if (!Number.isInteger(count) || count < 1 || count > dimensions)
    throw new ValidationError(`${count} eigenpairs were asked for, expected an integer from 1 to ${dimensions}`);
  const width = count + EXTRA_VECTORS;
  if (dimensions <= DIRECT_UP_TO || width * KRYLOV_BLOCKS > dimensions / 2) {
    const all = symmetricEigen(matrix, dimensions);
    return { values: all.values.slice(0, count), vectors: all.vectors.slice(0, count * dimensions) };
  }
  const noise = signs();
  const fresh = () => Float64Array.from({ length: dimensions }, noise);
  let block: Float64Array[] = Array.from({ length: width }, fresh);
  for (let cycle = 0; cycle < MOST_CYCLES; cycle++) {
    const basis: Float64Array[] = [];
    const images: Float64Array[] = [];
    for (let power = 0; power < KRYLOV_BLOCKS; power++) {
      const from = basis.length;
      for (const vector of power === 0 ? block : images.slice(from - width)) appendOrthonormal(basis, vector, fresh);
      for (const vector of basis.slice(from)) images.push(multiply(matrix, vector));
    }
    const ritz = rayleighRitz(basis, images, width);
    block = ritz.vectors;
    if (ritz.residuals.slice(0, count).every((residual) => residual <= tolerance * Math.max(ritz.values[0]!, 0))) {
      const vectors = new Float64Array(count * dimensions);
      for (let i = 0; i < count; i++) vectors.set(ritz.vectors[i]!, i * dimensions);
      return { values: Float64Array.from(ritz.values.slice(0, count)), vectors };
    }
  }
  throw new ValidationError(
    `the leading ${count} eigenpairs of a ${dimensions} x ${dimensions} matrix did not settle within ${MOST_CYCLES} cycles; ` +
      `is the matrix a covariance (symmetric, finite, no negative eigenvalues)? Otherwise raise the tolerance`,
  );
}

/**
 * The best `keep` approximations `v = basis^T w` of eigenvectors, and `|A v - value v|` for each.
 */
function rayleighRitz(basis: readonly Float64Array[], images: readonly Float64Array[], keep: number) {
  const size = basis.length;
  const small = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = i; j < size; j++) {
      const value = dot(basis[i]!, images[j]!);
      small[i * size + j] = value;
      small[j * size + i] = value;
    }
  const pairs = symmetricEigen(small, size);
  const values = Array.from(pairs.values.subarray(0, keep));
  const vectors: Float64Array[] = [];
  const residuals: number[] = [];
  for (let i = 0; i < keep; i++) {
    const weights = row(pairs.vectors, i, size);
    const vector = combine(basis, weights);
    const image = combine(images, weights);
    let squared = 0;
    for (let j = 0; j < vector.length; j++) squared += (image[j]! - values[i]! * vector[j]!) ** 2;
    vectors.push(vector);
    residuals.push(Math.sqrt(squared));
  }
  return { values, vectors, residuals };
}

/** Gram-Schmidt, twice for accuracy. A fresh vector replaces one that already lies in the span. */
function appendOrthonormal(basis: Float64Array[], vector: Float64Array, fresh: () => Float64Array): void {
  for (let candidate = vector; ; candidate = fresh()) {
    const next = candidate.slice();
    const before = Math.sqrt(dot(next, next));
    for (let pass = 0; pass < 2; pass++)
      for (const other of basis) {
        const share = dot(other, next);
        for (let j = 0; j < next.length; j++) next[j]! -= share * other[j]!;
      }
    const length = Math.sqrt(dot(next, next));
    if (length <= 1e-10 * before) continue;
    for (let j = 0; j < next.length; j++) next[j]! /= length;
    basis.push(next);
    return;
  }
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const out = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const base = i * size;
    let even = 0;
    let odd = 0;
    let j = 0;
    for (; j + 1 < size; j += 2) {
      even += matrix[base + j]! * vector[j]!;
      odd += matrix[base + j + 1]! * vector[j + 1]!;
    }
    out[i] = even + odd + (j < size ? matrix[base + j]! * vector[j]! : 0);
  }
  return out;
}

function combine(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  const out = new Float64Array(vectors[0]!.length);
  vectors.forEach((vector, i) => {
    const weight = weights[i]!;
    for (let j = 0; j < out.length; j++) out[j]! += weight * vector[j]!;
  });
  return out;
}

/**
 * A fixed stream of numbers within -1..1, from a 32-bit linear congruential generator.
 *
 * Any generic start serves the iteration, so it takes no random key.
 */
function signs(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}
