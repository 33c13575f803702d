/**
 * Neal's funnel: one coordinate sets the scale of all others, so no step size suits both ends.
 *
 * Neal, "Slice sampling" (2003).
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertCount, assertPositive, fail, random } from "@ergodic/tensor";
import { analytic, boundedExp, diagonalMatrix, halfSquare } from "../analytic/analytic-energy.js";
import { standardNormalTarget } from "./normals.js";
import { column, coordinates, quantity, type Target } from "./target.js";

export interface FunnelOptions {
  /** D: v and D - 1 coordinates x. Default 10. */
  readonly dimension?: number;
  /** s: the standard deviation of v. Default 3. */
  readonly scale?: number;
}

function checked({ dimension = 10, scale = 3 }: FunnelOptions): { dimension: number; scale: number } {
  assertCount({ dimension }, 1_000_000);
  if (dimension < 2) fail("dimension is 1", "at least 2: v and one x");
  assertPositive({ scale });
  return { dimension, scale };
}

const namesOf = (dimension: number): string[] =>
  Array.from({ length: dimension }, (_, i) => (i === 0 ? "v" : `x[${i}]`));

/** [v, e^{v/2} z] for rows z of standard normals with v = s z₀. */
function centred(z: tf.Tensor2D, scale: number): tf.Tensor2D {
  const v = tf.mul(scale, tf.slice2d(z, [0, 0], [-1, 1]));
  return tf.concat([v, tf.mul(tf.exp(tf.mul(0.5, v)), tf.slice2d(z, [0, 1], [-1, -1]))], 1) as tf.Tensor2D;
}

/**
 * Centred: v ~ N(0, s²) and x_i given v ~ N(0, e^v), positions [v, x_1, ...].
 *
 * E = v²/(2s²) + (D - 1) v/2 + ½ e^{-v} Σ x_i². Mean 0; Var v = s², Var x_i = e^{s²/2}, no
 * correlations.
 *
 * @throws ValidationError for fewer than 2 dimensions or a scale that is not positive.
 */
export function funnel(options: FunnelOptions = {}): Target {
  const { dimension, scale } = checked(options);
  const variances = Array.from({ length: dimension }, (_, i) => (i === 0 ? scale ** 2 : Math.exp(scale ** 2 / 2)));
  const moments = { mean: variances.map(() => 0), covariance: diagonalMatrix(variances) };
  const energy = analytic("funnel", {
    dimension,
    formula: (position) => {
      const v = column(position, 0);
      const inverse = tf.expandDims(boundedExp(tf.mul(-0.5, v)), 1);
      const ofX = tf.sum(halfSquare(tf.mul(tf.slice2d(position, [0, 1], [-1, -1]), inverse)), 1);
      const ofV = tf.mul(v, tf.add(tf.mul(0.5 / scale ** 2, v), (dimension - 1) / 2));
      return tf.add(ofV, ofX);
    },
    moments,
    logPartition: (dimension / 2) * Math.log(2 * Math.PI) + Math.log(scale),
  });
  return {
    ...energy,
    name: "funnel",
    quantities: coordinates(moments, namesOf(dimension)),
    sample: (key, n) => tf.tidy(() => centred(random.normal<tf.Rank.R2>(key, [n, dimension]), scale)),
  };
}

/**
 * Non-centred: the same law in coordinates z that are N(0, I), with v = s z_0 and x_i = e^{v/2} z_i
 * as quantities.
 *
 * @throws ValidationError as {@link funnel}.
 */
export function nonCentredFunnel(options: FunnelOptions = {}): Target {
  const { dimension, scale } = checked(options);
  const quantities = funnel(options).quantities.map(({ name, of, mean, sd }) =>
    quantity(name, (z) => of(centred(z, scale)), { mean, sd }),
  );
  return { ...standardNormalTarget({ dimension }), name: "funnel-non-centred", quantities };
}
