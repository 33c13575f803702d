/** Student's t, whose tails are so heavy that gradients vanish in them. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInteger, fail, random } from "@ergodic/tensor";
import { analytic } from "../analytic/analytic-energy.js";
import { target, type Target } from "./target.js";

/** Γ(n/2)/Γ((n + 1)/2) for a positive integer n, by Γ(x + 1) = x Γ(x). */
function gammaRatio(n: number): number {
  if (n <= 2) return n === 1 ? Math.sqrt(Math.PI) : 2 / Math.sqrt(Math.PI);
  return (gammaRatio(n - 2) * (n - 2)) / (n - 1);
}

/** log(1 + t²), beyond 1 as 2 log|t| + log(1 + 1/t²), since t² may leave the range of float32. */
function logOnePlusSquare(t: tf.Tensor): tf.Tensor {
  const isFar = tf.greater(tf.abs(t), 1);
  const size = tf.where(isFar, tf.abs(t), 1);
  const small = tf.where(isFar, tf.div(1, size), t);
  return tf.add(tf.mul(2, tf.log(size)), tf.log1p(tf.square(small)));
}

/**
 * E(x) = (ν + 1)/2 · log(1 + x²/ν) in one dimension, ν = `degreesOfFreedom` (default 5).
 *
 * Mean 0, variance ν/(ν - 2), Z = √(νπ) Γ(ν/2)/Γ((ν + 1)/2). Draws are z/√(Σ z_i²/ν) of 1 + ν
 * normals.
 *
 * @throws ValidationError unless ν is an integer of at least 3, so that there is a variance.
 */
export function studentT({ degreesOfFreedom: nu = 5 }: { readonly degreesOfFreedom?: number } = {}): Target {
  assertInteger({ degreesOfFreedom: nu });
  if (nu < 3) fail(`degreesOfFreedom is ${nu}`, "at least 3, so that there is a variance");
  const energy = analytic("studentT", {
    dimension: 1,
    formula: (x) => tf.squeeze(tf.mul((nu + 1) / 2, logOnePlusSquare(tf.div(x, Math.sqrt(nu)))), [1]),
    moments: { mean: [0], covariance: [[nu / (nu - 2)]] },
    logPartition: 0.5 * Math.log(nu * Math.PI) + Math.log(gammaRatio(nu)),
  });
  return target("student-t", energy, {
    draw: (key, n) => {
      const z = random.normal<tf.Rank.R2>(key, [n, nu + 1]);
      const scale = tf.sqrt(tf.mean(tf.square(tf.slice2d(z, [0, 1], [-1, -1])), 1, true));
      return tf.div(tf.slice2d(z, [0, 0], [-1, 1]), scale);
    },
  });
}
