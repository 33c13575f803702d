/**
 * Narrow curved targets, which need short steps across the curve and long trajectories along it.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { analytic, halfSquare } from "../analytic/analytic-energy.js";
import { banana, type BananaOptions } from "../analytic/banana.js";
import { column, quantity, target, type Quantity, type Target } from "./target.js";

interface Curve {
  /** The first coordinate is N(mean, spread²). */
  readonly mean: number;
  readonly spread: number;
  /** The second coordinate is normal around this function of the first. */
  readonly centre: (x: tf.Tensor) => tf.Tensor;
  /** The standard deviation of the second coordinate around that function. */
  readonly sd: number;
}

/** Exact draws along a curve: first coordinate, then the second given it. */
const alongCurve =
  ({ mean, spread, centre, sd }: Curve): NonNullable<Target["sample"]> =>
  (key, n) => {
    const [first, second] = random.split(key) as [typeof key, typeof key];
    const x = random.normal<tf.Rank.R2>(first, [n, 1], { mean, sd: spread });
    return tf.concat([x, tf.add(centre(x), random.normal(second, [n, 1], { sd }))], 1) as tf.Tensor2D;
  };

/** x₀² of a first coordinate N(mean, spread²): mean² + spread², and its standard deviation. */
const firstSquared = (mean: number, spread: number): Quantity =>
  quantity("x[0]²", (x) => tf.square(column(x, 0)), {
    mean: mean ** 2 + spread ** 2,
    sd: Math.sqrt(2 * spread ** 4 + 4 * mean ** 2 * spread ** 2),
  });

/**
 * {@link banana} with exact draws, and x₀² as a further quantity, which is wrong where short steps
 * miss the ends of the banana.
 */
export function bananaTarget(options: BananaOptions = {}): Target {
  const { curvature: b = 0.03, scale: s = 10 } = options;
  return target("banana", banana(options), {
    quantities: [firstSquared(0, s)],
    draw: alongCurve({ mean: 0, spread: s, sd: 1, centre: (x) => tf.mul(b, tf.sub(s * s, tf.square(x))) }),
  });
}

/**
 * Rosenbrock's valley as a density: E(x, y) = ((1 - x)² + 100 (y - x²)²)/20.
 *
 * x ~ N(1, 10) and y given x ~ N(x², 0.1), so E y = 11, Var y = 240.1, Cov(x, y) = 20, log Z =
 * log(2π).
 */
export function rosenbrock(): Target {
  const energy = analytic("rosenbrock", {
    dimension: 2,
    formula: (position) => {
      const [x, y] = [column(position, 0), column(position, 1)];
      return tf.add(halfSquare(tf.sub(1, x), Math.sqrt(0.1)), halfSquare(tf.sub(y, tf.square(x)), Math.sqrt(10)));
    },
    moments: {
      mean: [1, 11],
      covariance: [
        [10, 20],
        [20, 240.1],
      ],
    },
    logPartition: Math.log(2 * Math.PI),
  });
  return target("rosenbrock", energy, {
    quantities: [firstSquared(1, Math.sqrt(10))],
    draw: alongCurve({ mean: 1, spread: Math.sqrt(10), sd: Math.sqrt(0.1), centre: (x) => tf.square(x) }),
  });
}
