/** Targets with several modes, between which no local kernel moves in reasonable time. */
import * as tf from "@tensorflow/tfjs-core";
import { assertCount, assertPositive, fail, random } from "@ergodic/tensor";
import { doubleWell, type DoubleWellOptions } from "../analytic/double-well.js";
import { gaussianMixtureEnergy, type GaussianMixtureEnergyOptions } from "../analytic/gaussian-mixture.js";
import { coordinates, target, type Target } from "./target.js";

/**
 * Any {@link gaussianMixtureEnergy} with exact draws and its modes.
 *
 * A draw chooses a component by weight, then draws from it.
 */
export function mixtureTarget(options: GaussianMixtureEnergyOptions, name = "mixture"): Target {
  const energy = gaussianMixtureEnergy(options);
  const { means, sd, weights = means.map(() => 1) } = options;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const sds = typeof sd === "number" ? means.map(() => sd) : [...sd];
  return target(name, energy, {
    modes: { centres: means, weights: shares },
    draw: (key, n) => {
      const [which, where] = random.split(key) as [typeof key, typeof key];
      const component = random.categorical(which, shares, [n]) as tf.Tensor1D;
      const centres = tf.gather(tf.tensor2d(means.map((mean) => [...mean])), component);
      const spreads = tf.expandDims(tf.gather(tf.tensor1d(sds), component), 1);
      return tf.add(centres, tf.mul(spreads, random.normal(where, [n, energy.dimension])));
    },
  });
}

/**
 * ½ N(-a, 1) + ½ N(a, 1) in one dimension, a = `position` (default 5): variance 1 + a², barrier
 * a²/2 - log 2.
 *
 * @throws ValidationError for a position that is not positive.
 */
export function bimodal({ position = 5 }: { readonly position?: number } = {}): Target {
  assertPositive({ position });
  return mixtureTarget({ means: [[-position], [position]], sd: 1 }, "bimodal");
}

/**
 * Gaussians of equal weight on a circle. Default: 8 at radius 3 with sd 0.25, neighbours 9.18 sd
 * apart with barriers of 9.85.
 *
 * Mean 0, variance r²/2 + sd² in either coordinate, no correlation.
 *
 * @throws ValidationError for fewer than 3 modes, or a radius or sd that is not positive.
 */
export function gaussianRingTarget({
  modes = 8,
  radius = 3,
  sd = 0.25,
}: { readonly modes?: number; readonly radius?: number; readonly sd?: number } = {}): Target {
  assertCount({ modes }, 1_000_000);
  if (modes < 3) fail(`modes is ${modes}`, "at least 3", "use bimodal for two");
  assertPositive({ radius, sd });
  const angles = Array.from({ length: modes }, (_, k) => (2 * Math.PI * k) / modes);
  const means = angles.map((angle) => [radius * Math.cos(angle), radius * Math.sin(angle)]);
  const variance = radius ** 2 / 2 + sd ** 2;
  // Exact values, without the rounding of sums over the circle.
  const moments = {
    mean: [0, 0],
    covariance: [
      [variance, 0],
      [0, variance],
    ],
  };
  return { ...mixtureTarget({ means, sd }, "gaussian-ring"), moments, quantities: coordinates(moments) };
}

/**
 * {@link doubleWell} with its modes: all choices of a sign for every coordinate, equally likely.
 */
export function doubleWellTarget(options: DoubleWellOptions = {}): Target {
  const { dimension = 1, position = 1 } = options;
  assertCount({ dimension }, 20, "there is a mode for every choice of signs; doubleWell has no list of them");
  const energy = doubleWell(options);
  const centres = Array.from({ length: 2 ** dimension }, (_, k) =>
    Array.from({ length: dimension }, (__, i) => ((k >> i) & 1 ? position : -position)),
  );
  return target("double-well", energy, {
    modes: { centres, weights: centres.map(() => 1 / centres.length) },
  });
}
