/**
 * An invertible linear map of the last axis in triangular factors: the 1x1 convolution of images.
 */
import * as tf from "@tensorflow/tfjs-core";
import { orthonormalRows, triangularFactors, type Matrix } from "@ergodic/linear-algebra";
import { assertPositiveInteger, assertShape, fail, hostDraw, isHostKey, type Key } from "@ergodic/tensor";
import { perExample, positionsOf, transformed, type Bijector } from "./bijector.js";
import { unitLowerInverse } from "./triangular.js";

/**
 * W = P L (U + diag(sign · e^ℓ)).
 *
 * `factors` `[features, features]` holds three parts:
 * - below its diagonal, the unit lower triangular L
 * - above its diagonal, the strictly upper triangular U
 * - on its diagonal, ℓ
 *
 * `permutation` and `sign` are `[features]` and never trained. P moves row i to row permutation[i].
 * Prepared parameters hold W⁻¹ too, as `inverse` `[features, features]`.
 */
export type LinearParams = {
  readonly factors: tf.Tensor;
  readonly $fixed: Fixed | (Fixed & { readonly inverse: tf.Tensor });
};

type Fixed = { readonly sign: tf.Tensor; readonly permutation: tf.Tensor };

/**
 * The parameters that represent a given matrix.
 *
 * @throws ValidationError when the matrix is singular or not square.
 */
export function linearParams(matrix: Matrix): LinearParams {
  const { permutation, factors } = triangularFactors(matrix);
  const n = matrix.length;
  const packed = factors.map((row, i) => row.map((value, j) => (i === j ? Math.log(Math.abs(value)) : value)));
  return {
    factors: tf.tensor2d(packed.flat(), [n, n]),
    $fixed: {
      sign: tf.tensor1d(factors.map((row, i) => Math.sign(row[i]!))),
      permutation: tf.tensor1d([...permutation]),
    },
  };
}

function rotation(key: Key, n: number): number[][] {
  if (!isHostKey(key)) {
    fail(
      "linear is initialised inside a compiled function",
      "a key of the host",
      "call init outside, then compile what uses the parameters",
    );
  }
  const { values } = hostDraw(key, { kind: "normal", shape: [n, n], mean: 0, sd: 1 });
  return orthonormalRows(Array.from({ length: n }, (_, i) => [...values.subarray(i * n, (i + 1) * n)]));
}

/** What `forward` needs of the parameters: W, and Σ ℓ when it is read. */
interface Derived {
  readonly matrix: tf.Tensor2D;
  logDet(): tf.Tensor;
}

/** ℓ `[..., features]` of factors `[..., features, features]`. */
const logDiagonal = (factors: tf.Tensor): tf.Tensor => tf.sum(tf.mul(factors, tf.eye(factors.shape.at(-1)!)), -1);

/** The parts of one matrix, or of several along a first axis. */
function unpacked({ factors, $fixed: { sign, permutation } }: LinearParams) {
  const n = factors.shape.at(-1)!;
  const rows = tf.reshape(tf.range(0, n), [n, 1]);
  const columns = tf.reshape(tf.range(0, n), [1, n]);
  const below = tf.cast(tf.greater(rows, columns), "float32");
  const above = tf.cast(tf.less(rows, columns), "float32");
  return {
    /** Pᵀ: row i has a one in column permutation[i]. */
    gathers: tf.cast(tf.equal(tf.expandDims(permutation, -1), columns), "float32") as tf.Tensor2D,
    lower: tf.add(tf.mul(factors, below), tf.eye(n)) as tf.Tensor2D,
    upper: tf.mul(factors, above) as tf.Tensor2D,
    scale: tf.mul(sign, tf.exp(logDiagonal(factors))),
  };
}

/** W `[..., features, features]`. */
export function linearMatrix(params: LinearParams): tf.Tensor2D {
  const { gathers, lower, upper, scale } = unpacked(params);
  const diagonal = tf.mul(tf.eye(scale.shape.at(-1)!), tf.expandDims(scale, -2));
  return tf.matMul(gathers, tf.matMul(lower, tf.add(upper, diagonal)), true) as tf.Tensor2D;
}

const derivedOf = (params: LinearParams): Derived =>
  (params as LinearParams & { readonly derived?: Derived }).derived ?? {
    matrix: linearMatrix(params),
    logDet: () => tf.sum(logDiagonal(params.factors)),
  };

/**
 * Many small matrices take as long to compute as one, and a program of fewer kernels loads faster.
 */
function derivedTogether(params: readonly LinearParams[]): LinearParams[] {
  const stacked = (part: (one: LinearParams) => tf.Tensor): tf.Tensor => tf.stack(params.map(part));
  const all: LinearParams = {
    factors: stacked(({ factors }) => factors),
    $fixed: { sign: stacked(({ $fixed }) => $fixed.sign), permutation: stacked(({ $fixed }) => $fixed.permutation) },
  };
  const matrices = tf.unstack(linearMatrix(all)) as tf.Tensor2D[];
  let logDets: tf.Tensor[] | undefined;
  const logDet = (i: number): tf.Tensor => (logDets ??= tf.unstack(tf.sum(logDiagonal(all.factors), -1)))[i]!;
  return params.map((one, i) => {
    const derived: Derived = { matrix: matrices[i]!, logDet: () => logDet(i) };
    return { ...one, derived };
  });
}

/** W⁻¹ = (U + D)⁻¹ L⁻¹ Pᵀ, with U + D = (I + U D⁻¹) D. */
function inverseMatrix(params: LinearParams): tf.Tensor2D {
  if ("inverse" in params.$fixed) return params.$fixed.inverse as tf.Tensor2D;
  const { gathers, lower, upper, scale } = unpacked(params);
  const n = scale.shape[0]!;
  const unit = tf.add(tf.div(upper, tf.reshape(scale, [1, n])), tf.eye(n)) as tf.Tensor2D;
  const upperInverse = tf.transpose(unitLowerInverse(tf.transpose(unit)));
  const right = tf.div(upperInverse, tf.reshape(scale, [n, 1])) as tf.Tensor2D;
  return tf.matMul(right, tf.matMul(unitLowerInverse(lower), gathers));
}

/**
 * y = W x at every position, with log|det| = positions · Σ ℓ and x `[batch, ..., features]`.
 *
 * W starts as a random rotation, computed on the host.
 * Kingma and Dhariwal, "Glow", arXiv 1807.03039, section 3.2 with the triangular parametrisation of
 * equation 10.
 *
 * @throws ValidationError for a number of features that is not a positive integer, an x with
 * another last axis, or `init` inside a compiled function.
 */
export function linear({ features }: { readonly features: number }): Bijector<LinearParams> {
  assertPositiveInteger({ features });
  const times = (matrix: tf.Tensor2D, x: tf.Tensor): tf.Tensor => {
    assertShape("the input of linear", x, [...x.shape.slice(0, -1), features], "features are the last axis");
    const flat = tf.matMul(tf.reshape(x, [-1, features]) as tf.Tensor2D, matrix, false, true);
    return tf.reshape(flat, x.shape);
  };
  const logDet = (x: tf.Tensor, sum: tf.Tensor, sign: number): tf.Tensor1D =>
    perExample(x, tf.mul(sign * positionsOf(x), sum));
  return {
    init: (key) => linearParams(rotation(key, features)),
    forward(params, x) {
      const derived = derivedOf(params);
      return transformed(times(derived.matrix, x), () => logDet(x, derived.logDet(), 1));
    },
    inverse: (params, z) =>
      transformed(times(inverseMatrix(params), z), () => logDet(z, tf.sum(logDiagonal(params.factors)), -1)),
    prepared: (params) => ({ ...params, $fixed: { ...params.$fixed, inverse: inverseMatrix(params) } }),
    together: { kind: `linear ${features}`, derived: derivedTogether },
  };
}
