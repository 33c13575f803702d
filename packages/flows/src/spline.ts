/**
 * Monotonic rational-quadratic splines on [-B, B]. They are the identity outside.
 *
 * Durkan et al., "Neural Spline Flows", arXiv 1906.04032, equations 4 to 8 and appendix A.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInteger, assertPositive, fail } from "@ergodic/tensor";
import type { Elementwise, ElementwiseResult } from "./elementwise.js";

export interface SplineOptions {
  /** K, the number of bins, at least 2. Default 8. */
  readonly bins?: number;
  /** B, the half-width of the transformed interval. Default 5. */
  readonly bound?: number;
}

/** Minimum of widths and heights as a share of the interval, and minimum of slopes. */
const smallest = 1e-3;

/**
 * K + 1 knots, `[..., K + 1]`, each an unevaluated sum of two float32 numbers.
 *
 * The resolution of one float32 near B is 5e-5 of the narrowest bin. The second number holds the
 * rounding error of the first, so a position within the bin is as exact as the sizes are.
 */
interface Knots {
  readonly places: tf.Tensor;
  readonly rests: tf.Tensor;
}

/** The bin of a number on one of the axes. All tensors have the shape of the numbers. */
interface Bin {
  /**
   * Shares of the bin below and above the number.
   *
   * Both are computed to rounding error. Computing one as 1 minus the other would lose digits.
   */
  readonly below: tf.Tensor;
  readonly above: tf.Tensor;
  /** s = h/w. */
  readonly slope: tf.Tensor;
  readonly slopeLeft: tf.Tensor;
  readonly slopeRight: tf.Tensor;
  /** The number on the other axis with the given shares of its bin below and above it. */
  across(below: tf.Tensor, above: tf.Tensor): tf.Tensor;
}

/** `count` entries of the last axis. */
const part = (values: tf.Tensor, from: number, count: number): tf.Tensor => {
  const begin = values.shape.map((_, axis) => (axis === values.rank - 1 ? from : 0));
  return tf.slice(values, begin, [...values.shape.slice(0, -1), count]);
};

/** Knots from -B to B for sizes that sum to 2B. Both ends are exact. */
function knots(sizes: tf.Tensor, bound: number): Knots {
  const axis = sizes.rank - 1;
  const bins = sizes.shape[axis]!;
  const ends = [...sizes.shape.slice(0, -1), 1];
  const sums = tf.cumsum(sizes, axis);
  const before = tf.concat([tf.zeros(ends), part(sums, 0, bins - 1)], axis);
  const lost = tf.cumsum(tf.add(tf.sub(before, sums), sizes), axis);
  // The sum of the softmax is not exactly 1. The difference is distributed over all bins in
  // proportion.
  const total = part(sums, bins - 1, 1);
  const missing = tf.sub(tf.sub(2 * bound, total), part(lost, bins - 1, 1));
  const inner = part(sums, 0, bins - 1);
  const places = tf.sub(inner, bound);
  const rests = tf.addN([
    tf.sub(inner, tf.add(places, bound)),
    part(lost, 0, bins - 1),
    tf.mul(missing, tf.div(inner, total)),
  ]);
  return {
    places: tf.concat([tf.fill(ends, -bound), places, tf.fill(ends, bound)], axis),
    rests: tf.concat([tf.zeros(ends), rests, tf.zeros(ends)], axis),
  };
}

/** For K + 1 knot values: the K values at left ends of bins, or the K values at right ends. */
const side = (values: tf.Tensor, end: boolean): tf.Tensor => part(values, end ? 1 : 0, values.shape.at(-1)! - 1);

/** log y' at a position of a bin. Every term of the sums is positive. */
function logSlope({ slope, slopeLeft, slopeRight }: Bin, below: tf.Tensor, above: tf.Tensor): tf.Tensor {
  const both = tf.mul(below, above);
  const top = tf.addN([
    tf.mul(slopeRight, tf.square(below)),
    tf.mul(tf.mul(2, slope), both),
    tf.mul(slopeLeft, tf.square(above)),
  ]);
  const bottom = divisor(slope, tf.add(slopeLeft, slopeRight), below, above);
  return tf.add(tf.mul(2, tf.log(tf.div(slope, bottom))), tf.log(top));
}

/** D = s + q ξη, written as s (ξ² + η²) + (δ_k + δ_k+1) ξη. */
const divisor = (slope: tf.Tensor, slopes: tf.Tensor, below: tf.Tensor, above: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(slope, tf.add(tf.square(below), tf.square(above))), tf.mul(slopes, tf.mul(below, above)));

/**
 * A rational-quadratic spline with K bins.
 *
 * - widths: 2B(m + (1 - K m) softmax), m = 1e-3
 * - heights: the same formula
 * - inner slopes: m + softplus
 * - outer slopes: 1
 *
 * In the bin of x, with ξ = (x - x_k)/w, η = (x_k+1 - x)/w, s = h/w and
 * D = s (ξ² + η²) + (δ_k + δ_k+1) ξη:
 *   y - y_k = h ξ (s ξ + δ_k η)/D,  y_k+1 - y = h η (s η + δ_k+1 ξ)/D,
 *   y' = s² (δ_k+1 ξ² + 2 s ξη + δ_k η²)/D².
 *
 * The inverse, with θ = (y - y_k)/h, φ = (y_k+1 - y)/h and b = φ δ_k - θ δ_k+1:
 *   ξ : η = 2 θ s : (b + r) = (r - b) : 2 φ s,  r² = b² + 4 θφ s².
 * Of the two ratios the one without a subtraction is used.
 *
 * No formula subtracts nearly equal numbers. Float32 results are exact to rounding beside knots and
 * in the flattest and steepest bins.
 *
 * Raw parameters are K widths, K heights and K - 1 slopes. All zeros give a map near the identity.
 *
 * @throws ValidationError for fewer than 2 bins or more than 999, or a bound that is not positive.
 */
export function rationalQuadraticSpline({ bins = 8, bound = 5 }: SplineOptions = {}): Elementwise {
  assertInteger({ bins });
  if (bins < 2 || bins * smallest >= 1) fail(`bins is ${bins}`, "a whole number from 2 to 999");
  assertPositive({ bound });

  const sizes = (raw: tf.Tensor): tf.Tensor =>
    tf.mul(2 * bound, tf.add(smallest, tf.mul(1 - bins * smallest, tf.softmax(raw))));

  /** The bins of `at`. The lookup uses the knots of x, or the knots of y for the inverse. */
  const binOf = (at: tf.Tensor, raw: tf.Tensor, by: "x" | "y"): Bin => {
    const [widths, heights] = [sizes(part(raw, 0, bins)), sizes(part(raw, bins, bins))];
    const [own, other] = by === "x" ? [widths, heights] : [heights, widths];
    const inner = tf.add(smallest, tf.softplus(part(raw, 2 * bins, bins - 1)));
    const one = tf.ones([...raw.shape.slice(0, -1), 1]);
    const slopes = tf.concat([one, inner, one], raw.rank - 1);
    const [along, across] = [knots(own, bound), knots(other, bound)];
    const distances = tf.sub(tf.sub(tf.expandDims(at, -1), along.places), along.rests);
    // One true value per knot passed. The last knot is excluded, so B itself is in the last bin.
    const passed = tf.cast(tf.greaterEqual(side(distances, false), 0), "float32");
    const next = tf.concat([part(passed, 1, bins - 1), tf.zeros([...passed.shape.slice(0, -1), 1])], passed.rank - 1);
    const chosen = tf.sub(passed, next);
    const pick = (values: tf.Tensor): tf.Tensor => tf.sum(tf.mul(chosen, values), -1);
    const [begun, left] = [pick(side(distances, false)), tf.neg(pick(side(distances, true)))];
    const whole = tf.add(begun, left);
    const [start, startRest] = [pick(side(across.places, false)), pick(side(across.rests, false))];
    const [end, endRest] = [pick(side(across.places, true)), pick(side(across.rests, true))];
    const size = pick(other);
    return {
      below: tf.div(begun, whole),
      above: tf.div(left, whole),
      slope: tf.div(pick(heights), pick(widths)),
      slopeLeft: pick(side(slopes, false)),
      slopeRight: pick(side(slopes, true)),
      // Measured from the nearer end, so both ends are exact.
      across: (below, above) =>
        tf.where(
          tf.less(below, above),
          tf.add(start, tf.add(tf.mul(below, size), startRest)),
          tf.sub(end, tf.sub(tf.mul(above, size), endRest)),
        ),
    };
  };

  /**
   * Evaluates the spline on clamped numbers and selects afterwards. No infinite value enters a
   * gradient.
   */
  const within = (at: tf.Tensor, bent: (inside: tf.Tensor) => ElementwiseResult): ElementwiseResult => {
    const inside = tf.lessEqual(tf.abs(at), bound);
    const { value, logDerivative } = bent(tf.clipByValue(at, -bound, bound));
    return {
      value: tf.where(inside, value, at),
      logDerivative: tf.where(inside, logDerivative, tf.zerosLike(at)),
    };
  };

  return {
    parameters: 3 * bins - 1,
    forward: (x, raw) =>
      within(x, (at) => {
        const bin = binOf(at, raw, "x");
        const { below, above, slope, slopeLeft, slopeRight } = bin;
        const bottom = divisor(slope, tf.add(slopeLeft, slopeRight), below, above);
        const risen = tf.mul(below, tf.add(tf.mul(slope, below), tf.mul(slopeLeft, above)));
        const left = tf.mul(above, tf.add(tf.mul(slope, above), tf.mul(slopeRight, below)));
        return {
          value: bin.across(tf.div(risen, bottom), tf.div(left, bottom)),
          logDerivative: logSlope(bin, below, above),
        };
      }),
    inverse: (y, raw) =>
      within(y, (at) => {
        const bin = binOf(at, raw, "y");
        const { below, above, slope, slopeLeft, slopeRight } = bin;
        const b = tf.sub(tf.mul(above, slopeLeft), tf.mul(below, slopeRight));
        const product = tf.mul(tf.mul(below, above), tf.square(slope));
        const root = tf.sqrt(tf.add(tf.square(b), tf.mul(4, product)));
        const rising = tf.greaterEqual(b, 0);
        const sum = tf.add(root, tf.where(rising, b, tf.neg(b)));
        const begun = tf.where(rising, tf.mul(2, tf.mul(below, slope)), sum);
        const left = tf.where(rising, sum, tf.mul(2, tf.mul(above, slope)));
        const whole = tf.add(begun, left);
        const [xi, eta] = [tf.div(begun, whole), tf.div(left, whole)];
        return { value: bin.across(xi, eta), logDerivative: tf.neg(logSlope(bin, xi, eta)) };
      }),
  };
}
