/**
 * Parameters with limits, as maps from free numbers.
 *
 * A kernel moves free numbers u on the whole real line. A parameter maps them to values within its
 * limits, and the energy of u is that of the values minus log |det ∂value/∂u|. The maps are those
 * of Stan (Stan Reference Manual, "Constraint Transforms").
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertFinite, assertInteger, assertPositiveInteger, fail } from "@ergodic/tensor";

/** Values of parameters by name, each `[n, ...shape]`. */
export interface Values {
  readonly [name: string]: tf.Tensor;
}

/** Values `[n, ...shape]`, and log |det ∂value/∂u|, `[n]`. */
export interface Constrained {
  readonly value: tf.Tensor;
  readonly logDeterminant: tf.Tensor1D;
}

export interface Parameter {
  /** Shape of the free numbers of a draw. */
  readonly free: readonly number[];
  /** Shape of the value of a draw. */
  readonly shape: readonly number[];
  /** The limits in words, such as `above 0`; empty for none. */
  readonly limits: string;
  /**
   * @param u free numbers `[n, ...free]`
   * @param earlier values of the parameters before this one
   */
  constrain(u: tf.Tensor, earlier: Values): Constrained;
}

/**
 * A limit: a number, or one for each draw, `[n]` or `[n, ...shape]`, from the parameters before.
 */
export type Limit = number | ((earlier: Values) => tf.Tensor);

/** Sums everything but the first axis, `[n]`. */
export const sumPerRow = (x: tf.Tensor): tf.Tensor1D =>
  x.rank === 1 ? (x as tf.Tensor1D) : tf.sum(x, [...x.shape.keys()].slice(1));

/** log σ(x), without overflow. */
export const logSigmoid = (x: tf.Tensor): tf.Tensor => tf.neg(tf.softplus(tf.neg(x)));

function assertSizes(name: string, shape: readonly number[]): void {
  shape.forEach((size, i) => assertPositiveInteger({ [`${name} shape[${i}]`]: size }));
}

/** The tensor of a limit, which broadcasts to `[n, ...shape]`. */
function limitOf(limit: Limit, earlier: Values, rank: number): tf.Tensor {
  if (typeof limit === "number") return tf.scalar(limit);
  const value = limit(earlier);
  if (!(value instanceof tf.Tensor)) fail(`a limit gave ${typeof value}`, "a tensor, one number for each draw");
  return value.rank === 1 && rank > 1 ? tf.reshape(value, [-1, ...new Array<number>(rank - 1).fill(1)]) : value;
}

const assertLimit = (name: string, limit: Limit): void => {
  if (typeof limit !== "function") assertFinite({ [name]: limit });
};

const words = (limit: Limit): string => (typeof limit === "number" ? String(limit) : "a limit that varies");

/** Any real number, or `shape` of them. */
export function real(shape: readonly number[] = []): Parameter {
  assertSizes("real", shape);
  return {
    free: shape,
    shape,
    limits: "",
    constrain: (u) => ({ value: u, logDeterminant: tf.zeros([u.shape[0]!]) }),
  };
}

/**
 * Numbers above a limit: low + exp(u).
 *
 * @throws ValidationError for a limit that is not finite.
 */
export function above(low: Limit, shape: readonly number[] = []): Parameter {
  assertSizes("above", shape);
  assertLimit("low", low);
  return {
    free: shape,
    shape,
    limits: `above ${words(low)}`,
    constrain: (u, earlier) => ({
      value: low === 0 ? tf.exp(u) : tf.add(limitOf(low, earlier, u.rank), tf.exp(u)),
      logDeterminant: sumPerRow(u),
    }),
  };
}

/** Numbers above 0: exp(u). */
export const positive = (shape: readonly number[] = []): Parameter => above(0, shape);

/**
 * Numbers below a limit: high - exp(u).
 *
 * @throws ValidationError for a limit that is not finite.
 */
export function below(high: Limit, shape: readonly number[] = []): Parameter {
  assertSizes("below", shape);
  assertLimit("high", high);
  return {
    free: shape,
    shape,
    limits: `below ${words(high)}`,
    constrain: (u, earlier) => ({
      value: tf.sub(limitOf(high, earlier, u.rank), tf.exp(u)),
      logDeterminant: sumPerRow(u),
    }),
  };
}

/**
 * Numbers between two limits: low + (high - low) σ(u).
 *
 * A limit may depend on the parameters before: `interval(0, ({ a }) => tf.sub(1, a))`.
 *
 * @throws ValidationError unless low < high, where both are numbers.
 */
export function interval(low: Limit, high: Limit, shape: readonly number[] = []): Parameter {
  assertSizes("interval", shape);
  assertLimit("low", low);
  assertLimit("high", high);
  if (typeof low === "number" && typeof high === "number" && !(low < high))
    fail(`an interval from ${low} to ${high}`, "a lower limit below the upper one");
  return {
    free: shape,
    shape,
    limits: `in (${words(low)}, ${words(high)})`,
    constrain(u, earlier) {
      const least = limitOf(low, earlier, u.rank);
      const width = tf.sub(limitOf(high, earlier, u.rank), least);
      const logs = tf.addN([logSigmoid(u), logSigmoid(tf.neg(u)), tf.mul(tf.log(width), tf.onesLike(u))]);
      return { value: tf.add(least, tf.mul(width, tf.sigmoid(u))), logDeterminant: sumPerRow(logs) };
    },
  };
}

/** A count of numbers that a vector has, at least `least`. */
function assertSize(size: number, least: number, what: string): void {
  assertInteger({ size });
  if (size < least) fail(`${what} of size ${size}`, `at least ${least}`);
}

/**
 * n numbers in ascending order: x_1 = u_1 and x_k = x_(k-1) + exp(u_k).
 *
 * @throws ValidationError unless n is a positive integer.
 */
export function ordered(n: number): Parameter {
  assertSize(n, 1, "an ordered vector");
  return {
    free: [n],
    shape: [n],
    limits: "ascending",
    constrain(u) {
      const first = tf.slice(u, [0, 0], [-1, 1]);
      if (n === 1) return { value: u, logDeterminant: tf.zeros([u.shape[0]!]) };
      const rest = tf.slice(u, [0, 1], [-1, n - 1]);
      return { value: tf.cumsum(tf.concat([first, tf.exp(rest)], 1), 1), logDeterminant: sumPerRow(rest) };
    },
  };
}

/**
 * n positive numbers with the sum 1, by breaking a stick: z_k = σ(u_k - log(n - k)) is the share of
 * what is left that x_k takes. At u = 0 all are equal. The determinant is that of x_1 to x_(n-1).
 *
 * @throws ValidationError unless n is an integer, at least 2.
 */
export function simplex(n: number): Parameter {
  assertSize(n, 2, "a simplex");
  return {
    free: [n - 1],
    shape: [n],
    limits: "positive, with the sum 1",
    constrain(u) {
      const shifts = tf.tensor2d([Array.from({ length: n - 1 }, (_, k) => Math.log(n - 1 - k))]);
      const shifted = tf.sub(u, shifts);
      const [taken, left] = [logSigmoid(shifted), logSigmoid(tf.neg(shifted))];
      const before = tf.cumsum(left, 1, true);
      const last = tf.sum(left, 1, true);
      return {
        value: tf.exp(tf.concat([tf.add(taken, before), last], 1)),
        logDeterminant: sumPerRow(tf.addN([taken, left, before])),
      };
    },
  };
}

/**
 * The lower Cholesky factor L of a correlation matrix L Lᵀ of n variables, `[n, n]`.
 *
 * With z = tanh(u) below the diagonal, row by row, L_ij = z_ij √(1 - Σ_(j' < j) L_ij'²), and the
 * diagonal makes rows of length 1. The determinant is that of the entries below the diagonal. The
 * density of the LKJ law with shape η in L is ∝ Π_i L_ii^(n - i + 2η - 2), i from 2.
 *
 * Lewandowski, Kurowicka and Joe (2009), doi 10.1016/j.jmva.2009.04.008.
 *
 * @throws ValidationError unless n is an integer, at least 2.
 */
export function correlation(n: number): Parameter {
  assertSize(n, 2, "a correlation matrix");
  const count = (n * (n - 1)) / 2;
  const cells = Array.from({ length: n * n }, (_, at) => [Math.floor(at / n), at % n] as const);
  /**
   * The place of a cell below the diagonal among the free numbers; others take a zero behind them.
   */
  const places = cells.map(([i, j]) => (j < i ? (i * (i - 1)) / 2 + j : count));
  const mask = cells.map(([i, j]) => Number(j < i));
  return {
    free: [count],
    shape: [n, n],
    limits: "the lower factor of a correlation matrix",
    constrain(u) {
      const padded = tf.concat([u, tf.zeros([u.shape[0]!, 1])], 1);
      const cell = tf.reshape(tf.gather(padded, tf.tensor1d(places, "int32"), 1), [-1, n, n]);
      // log(1 - tanh²u) = 2 (log 2 - u - softplus(-2u)), 0 in the cells that hold a zero.
      const squares = tf.mul(2, tf.sub(Math.LN2, tf.add(cell, tf.softplus(tf.mul(-2, cell)))));
      const below = tf.tensor3d(mask, [1, n, n]);
      const left = tf.mul(0.5, tf.cumsum(tf.mul(squares, below), 2, true));
      const shares = tf.add(tf.tanh(cell), tf.reshape(tf.eye(n), [1, n, n]));
      return {
        value: tf.mul(tf.exp(left), shares),
        logDeterminant: sumPerRow(tf.mul(below, tf.add(squares, left))),
      };
    },
  };
}
