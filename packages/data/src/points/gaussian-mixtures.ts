/**
 * Equal mixtures of isotropic Gaussians in the plane: p(x) = (1/K) Σ_k N(x; m_k, σ² I).
 *
 * Sampling and density are both exact, so samplers and learned energies are checked against them.
 */
import { assertCount, assertFinite, assertPositive, fail, random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { labelledPointDistribution, type LabelledPointBatch, type PointDensity } from "./distribution.js";

/** Points are labelled by their component. */
export interface GaussianMixture extends PointDensity<LabelledPointBatch> {
  readonly means: readonly (readonly [number, number])[];
  readonly sd: number;
}

export type GaussianMixtureOptions = {
  readonly means: readonly (readonly [number, number])[];
  /** Standard deviation σ of each component along each axis. */
  readonly sd: number;
  readonly name?: string;
};

/**
 * The equal mixture of Gaussians at these means.
 *
 * @throws ValidationError unless there is a mean, all are finite, and sd > 0
 */
export function gaussianMixture({ means, sd, name = "Gaussian mixture" }: GaussianMixtureOptions): GaussianMixture {
  assertPositive({ sd });
  if (means.length === 0) fail("means are empty", "at least one [x, y]", "list the means");
  means.forEach(([x, y], k) => assertFinite({ [`means[${k}][0]`]: x, [`means[${k}][1]`]: y }));
  const distribution = labelledPointDistribution(name, (key, n, out) => {
    const [which, where] = random.split(key) as [typeof key, typeof key];
    const components = random.host.integers(which, n, { high: means.length });
    const noise = random.host.normal(where, 2 * n, { sd });
    components.forEach((k, i) => {
      const [x, y] = means[k] as readonly [number, number];
      out[2 * i] = x + (noise[2 * i] as number);
      out[2 * i + 1] = y + (noise[2 * i + 1] as number);
    });
    return components;
  });
  const logNormaliser = Math.log(means.length) + Math.log(2 * Math.PI * sd * sd);
  return {
    ...distribution,
    means,
    sd,
    logDensity: (points) =>
      tf.tidy(() => {
        const centres = tf.tensor3d(means.flat(), [1, means.length, 2]);
        // The factor comes first, so that squares leave the range of float32 only when the
        // exponents do.
        const offsets = tf.mul(tf.sub(tf.expandDims(points, 1), centres), Math.SQRT1_2 / sd);
        const exponents = tf.neg(tf.sum(tf.square(offsets), 2));
        return tf.sub(tf.logSumExp(exponents, 1), logNormaliser) as tf.Tensor1D;
      }),
  };
}

/** Four Gaussians at (±distance, ±distance). Defaults: distance 1.2, sd 0.4. */
export function fourGaussians({ distance = 1.2, sd = 0.4 }: { distance?: number; sd?: number } = {}): GaussianMixture {
  assertPositive({ distance });
  const means = [-distance, distance].flatMap((x) => [-distance, distance].map((y) => [x, y] as const));
  return gaussianMixture({ means, sd, name: "four Gaussians" });
}

export type GaussianRingOptions = {
  /** Number of Gaussians. Default 8. */
  readonly count?: number;
  /** Distance of their means from the origin. Default 4/√2, as in FFJORD (arXiv:1810.01367). */
  readonly radius?: number;
  /** Default 1/(2√2), as in FFJORD. */
  readonly sd?: number;
};

/** Gaussians spaced evenly on a circle, the first on the positive x axis. */
export function gaussianRing({
  count = 8,
  radius = 4 / Math.SQRT2,
  sd = 0.5 / Math.SQRT2,
}: GaussianRingOptions = {}): GaussianMixture {
  assertCount({ count }, 1_000_000);
  assertPositive({ radius });
  const means = Array.from({ length: count }, (_, k) => {
    const angle = (2 * Math.PI * k) / count;
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
  });
  return gaussianMixture({ means, sd, name: `ring of ${count} Gaussians` });
}

export type GaussianGridOptions = {
  /** Gaussians along each side. Default 4. */
  readonly side?: number;
  /** Distance of neighbouring means. Default 1. */
  readonly spacing?: number;
  /** Default an eighth of the spacing. */
  readonly sd?: number;
};

/** Gaussians on a square grid around the origin, row by row from the lower left. */
export function gaussianGrid({ side = 4, spacing = 1, sd = spacing / 8 }: GaussianGridOptions = {}): GaussianMixture {
  assertCount({ side }, 1_000);
  assertPositive({ spacing });
  const places = Array.from({ length: side }, (_, k) => spacing * (k - (side - 1) / 2));
  const means = places.flatMap((y) => places.map((x) => [x, y] as const));
  return gaussianMixture({ means, sd, name: `grid of ${side * side} Gaussians` });
}
