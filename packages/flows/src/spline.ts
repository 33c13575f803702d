/**
 * Monotonic rational-quadratic splines on [-B, B], the identity outside.
 *
 * Durkan et al., "Neural Spline Flows", arXiv 1906.04032, equations 4 to 8 and appendix A.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInteger, assertPositive, fail } from "@ergodic/tensor";
import type { Elementwise, ElementwiseResult } from "./elementwise.js";

export interface SplineOptions {
  /** K, at least 2. Default 8. */
  readonly bins?: number;
  /** B, the half-width of the interval that is bent. Default 5. */
  readonly bound?: number;
}

/** Widths and heights are at least this share of the interval, slopes at least this. */
const smallest = 1e-3;

/** The bin of every number: all of the shape of the numbers. */
interface Bin {
  readonly left: tf.Tensor;
  readonly width: tf.Tensor;
  readonly bottom: tf.Tensor;
  readonly height: tf.Tensor;
  readonly slopeLeft: tf.Tensor;
  readonly slopeRight: tf.Tensor;
}

/** Cumulative sums with a 0 in front, along the last axis, [..., K] to [..., K + 1] from -B to exactly B. */
function knots(sizes: tf.Tensor, bound: number): tf.Tensor {
  const bins = sizes.shape.at(-1)!;
  const begin = sizes.shape.map(() => 0);
  const inner = tf.slice(tf.cumsum(sizes, sizes.rank - 1), begin, [...sizes.shape.slice(0, -1), bins - 1]);
  const ends = [...sizes.shape.slice(0, -1), 1];
  return tf.concat([tf.fill(ends, -bound), tf.sub(inner, bound), tf.fill(ends, bound)], sizes.rank - 1);
}

/** The K knots that begin a bin, or the K that end one. */
const side = (points: tf.Tensor, end: boolean): tf.Tensor => {
  const begin = points.shape.map((_, axis) => (end && axis === points.rank - 1 ? 1 : 0));
  return tf.slice(points, begin, [...points.shape.slice(0, -1), points.shape.at(-1)! - 1]);
};

/**
 * K bins with widths 2B(m + (1 - K m) softmax), heights alike, inner slopes m + softplus, outer slopes 1 (m = 1e-3). In the bin of x, with
 * ξ = (x - x_k)/w, s = h/w and q = δ_k + δ_k+1 - 2s:
 *   y = y_k + h (s ξ² + δ_k ξ(1 - ξ)) / (s + q ξ(1 - ξ)),
 *   y' = s² (δ_k+1 ξ² + 2 s ξ(1 - ξ) + δ_k (1 - ξ)²) / (s + q ξ(1 - ξ))².
 * Raw parameters are K widths, K heights and K - 1 slopes; where they are all 0 it is near the identity.
 *
 * @throws ValidationError for fewer than 2 bins or more than 999, or a bound that is not positive.
 */
export function rationalQuadraticSpline({ bins = 8, bound = 5 }: SplineOptions = {}): Elementwise {
  assertInteger({ bins });
  if (bins < 2 || bins * smallest >= 1) fail(`bins is ${bins}`, "a whole number from 2 to 999");
  assertPositive({ bound });

  const part = (raw: tf.Tensor, from: number, count: number): tf.Tensor => {
    const begin = raw.shape.map((_, axis) => (axis === raw.rank - 1 ? from : 0));
    return tf.slice(raw, begin, [...raw.shape.slice(0, -1), count]);
  };
  const sizes = (raw: tf.Tensor): tf.Tensor =>
    tf.mul(2 * bound, tf.add(smallest, tf.mul(1 - bins * smallest, tf.softmax(raw))));

  /** The bins of `at`, looked up among the knots of x or, for the inverse, of y. */
  const binOf = (at: tf.Tensor, raw: tf.Tensor, by: "x" | "y"): Bin => {
    const xs = knots(sizes(part(raw, 0, bins)), bound);
    const ys = knots(sizes(part(raw, bins, bins)), bound);
    const inner = tf.add(smallest, tf.softplus(part(raw, 2 * bins, bins - 1)));
    const one = tf.ones([...raw.shape.slice(0, -1), 1]);
    const slopes = tf.concat([one, inner, one], raw.rank - 1);
    const along = by === "x" ? xs : ys;
    const number = tf.expandDims(at, -1);
    // As many trues as knots were passed; the last knot is left out, so that B itself is in the last bin.
    const passed = tf.cast(tf.greaterEqual(number, side(along, false)), "float32");
    const next = tf.concat([part(passed, 1, bins - 1), tf.zeros([...passed.shape.slice(0, -1), 1])], passed.rank - 1);
    const chosen = tf.sub(passed, next);
    const pick = (values: tf.Tensor): tf.Tensor => tf.sum(tf.mul(chosen, values), -1);
    const [left, bottom] = [pick(side(xs, false)), pick(side(ys, false))];
    return {
      left,
      width: tf.sub(pick(side(xs, true)), left),
      bottom,
      height: tf.sub(pick(side(ys, true)), bottom),
      slopeLeft: pick(side(slopes, false)),
      slopeRight: pick(side(slopes, true)),
    };
  };

  /** log y' at ξ of a bin. */
  const logSlope = ({ width, height, slopeLeft, slopeRight }: Bin, xi: tf.Tensor): tf.Tensor => {
    const s = tf.div(height, width);
    const rest = tf.sub(1, xi);
    const both = tf.mul(xi, rest);
    const q = tf.sub(tf.add(slopeLeft, slopeRight), tf.mul(2, s));
    const top = tf.addN([
      tf.mul(slopeRight, tf.square(xi)),
      tf.mul(tf.mul(2, s), both),
      tf.mul(slopeLeft, tf.square(rest)),
    ]);
    const bottom = tf.add(s, tf.mul(q, both));
    return tf.sub(tf.add(tf.mul(2, tf.log(s)), tf.log(top)), tf.mul(2, tf.log(bottom)));
  };

  /** Both directions are computed on clamped numbers and chosen afterwards, so that nothing infinite enters a gradient. */
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
        const { left, width, bottom, height, slopeLeft, slopeRight } = bin;
        const xi = tf.div(tf.sub(at, left), width);
        const s = tf.div(height, width);
        const both = tf.mul(xi, tf.sub(1, xi));
        const q = tf.sub(tf.add(slopeLeft, slopeRight), tf.mul(2, s));
        const top = tf.mul(height, tf.add(tf.mul(s, tf.square(xi)), tf.mul(slopeLeft, both)));
        return { value: tf.add(bottom, tf.div(top, tf.add(s, tf.mul(q, both)))), logDerivative: logSlope(bin, xi) };
      }),
    inverse: (y, raw) =>
      within(y, (at) => {
        const bin = binOf(at, raw, "y");
        const { left, width, bottom, height, slopeLeft, slopeRight } = bin;
        const s = tf.div(height, width);
        const q = tf.sub(tf.add(slopeLeft, slopeRight), tf.mul(2, s));
        const u = tf.sub(at, bottom);
        const a = tf.add(tf.mul(height, tf.sub(s, slopeLeft)), tf.mul(u, q));
        const b = tf.sub(tf.mul(height, slopeLeft), tf.mul(u, q));
        const c = tf.neg(tf.mul(s, u));
        const root = tf.sqrt(tf.relu(tf.sub(tf.square(b), tf.mul(4, tf.mul(a, c)))));
        const xi = tf.div(tf.mul(2, c), tf.neg(tf.add(b, root)));
        return { value: tf.add(left, tf.mul(xi, width)), logDerivative: tf.neg(logSlope(bin, xi)) };
      }),
  };
}
