/**
 * Toy distributions with curved or disconnected supports: moons, pinwheel, checkerboard, swiss
 * roll.
 *
 * Shapes and scales are those of FFJORD's toy data (Grathwohl et al., arXiv:1810.01367), which most
 * papers on densities in the plane plot. They fill about [-4, 4]².
 */
import { assertNonNegative, assertPositive, assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import {
  labelledPointDistribution,
  pointDistribution,
  type LabelledPointBatch,
  type PointDensity,
  type PointDistribution,
} from "./distribution.js";
import { gaussianMixture } from "./gaussian-mixtures.js";

function threeKeys(key: Key): [Key, Key, Key] {
  return random.split(key, 3) as [Key, Key, Key];
}

/**
 * Two interleaved half circles of radius 2 with Gaussian noise.
 *
 * 2 (cos t, sin t) and 2 (1 - cos t, 1/2 - sin t), t in [0, π], moved by (-1, -0.2). The log
 * density is that of Gaussians along the half circles, half an sd apart. It needs noise above 0.
 */
export function twoMoons({ noise = 0.1 }: { noise?: number } = {}): PointDensity<LabelledPointBatch> {
  assertNonNegative({ noise });
  const distribution = labelledPointDistribution("two moons", (key, n, out) => {
    const [which, along, off] = threeKeys(key);
    const moon = random.host.integers(which, n, { high: 2 });
    const t = random.host.uniform(along, n, { low: 0, high: Math.PI });
    const jitter = random.host.normal(off, 2 * n, { sd: noise });
    for (let i = 0; i < n; i++) {
      const [x, y] = moonAt(moon[i] as number, t[i] as number);
      out[2 * i] = x + 2 * (jitter[2 * i] as number);
      out[2 * i + 1] = y + 2 * (jitter[2 * i + 1] as number);
    }
    return moon;
  });
  return { ...distribution, logDensity: (points) => alongMoons(noise).logDensity(points) };
}

/** The point of a half circle at angle t. */
function moonAt(moon: number, t: number): [number, number] {
  const [c, s] = [Math.cos(t), Math.sin(t)];
  const [x, y] = moon === 0 ? [c, s] : [1 - c, 0.5 - s];
  return [2 * x - 1, 2 * y - 0.2];
}

/** The mixture of Gaussians at the midpoints of equal pieces of the half circles. */
function alongMoons(noise: number) {
  assertPositive({ noise });
  const sd = 2 * noise;
  const pieces = Math.ceil((2 * Math.PI) / (sd / 2));
  const means = Array.from({ length: 2 * pieces }, (_, i) =>
    moonAt(i % 2, (Math.PI * (Math.floor(i / 2) + 0.5)) / pieces),
  );
  return gaussianMixture({ means, sd });
}

export type PinwheelOptions = {
  /** Number of blades. Default 5. */
  readonly blades?: number;
  /** Spread along a blade. Default 0.3. */
  readonly radialSd?: number;
  /** Spread across a blade. Default 0.1. */
  readonly tangentialSd?: number;
  /** The bend of a blade. Default 0.25. */
  readonly rate?: number;
};

/**
 * A pinwheel of blades 2 R(2πk/K + rate·exp(a)) (a, b).
 *
 * a ~ N(1, radialSd²), b ~ N(0, tangentialSd²), R is a rotation (Johnson et al., arXiv:1603.06277).
 */
export function pinwheel(options: PinwheelOptions = {}): PointDistribution<LabelledPointBatch> {
  const { blades = 5, radialSd = 0.3, tangentialSd = 0.1, rate = 0.25 } = options;
  assertPositiveInteger({ blades });
  assertNonNegative({ radialSd, tangentialSd, rate });
  return labelledPointDistribution("pinwheel", (key, n, out) => {
    const [which, along, across] = threeKeys(key);
    const blade = random.host.integers(which, n, { high: blades });
    const a = random.host.normal(along, n, { mean: 1, sd: radialSd });
    const b = random.host.normal(across, n, { sd: tangentialSd });
    for (let i = 0; i < n; i++) {
      const [u, v] = [a[i] as number, b[i] as number];
      const angle = (2 * Math.PI * (blade[i] as number)) / blades + rate * Math.exp(u);
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      out[2 * i] = 2 * (c * u - s * v);
      out[2 * i + 1] = 2 * (s * u + c * v);
    }
    return blade;
  });
}

/**
 * The uniform distribution on 8 squares of side 2 in [-4, 4]².
 *
 * The column and row numbers of these squares, counted from the lower left, have an even sum. The
 * log density is -log 32 in them and -Infinity elsewhere.
 */
export function checkerboard(): PointDensity {
  const distribution = pointDistribution("checkerboard", (key, n, out) => {
    const [across, up, which] = threeKeys(key);
    const x = random.host.uniform(across, n, { low: -4, high: 4 });
    const y = random.host.uniform(up, n, { low: 0, high: 2 });
    const pair = random.host.integers(which, n, { high: 2 });
    for (let i = 0; i < n; i++) {
      const column = Math.floor(((x[i] as number) + 4) / 2);
      const row = 2 * (pair[i] as number) + (column % 2);
      out[2 * i] = x[i] as number;
      out[2 * i + 1] = -4 + 2 * row + (y[i] as number);
    }
  });
  return {
    ...distribution,
    logDensity: (points) =>
      tf.tidy(() => {
        const places = tf.floor(tf.div(tf.add(points, 4), 2));
        const inside = tf.all(tf.logicalAnd(tf.greaterEqual(places, 0), tf.less(places, 4)), 1);
        const dark = tf.logicalAnd(inside, tf.equal(tf.mod(tf.sum(places, 1), 2), 0));
        return tf.where(dark, -Math.log(32), -Infinity) as tf.Tensor1D;
      }),
  };
}

/**
 * The spiral (t cos t, t sin t)/5, t uniform in [1.5π, 4.5π], with Gaussian noise of sd `noise`/5.
 *
 * Default noise 1.
 */
export function swissRoll({ noise = 1 }: { noise?: number } = {}): PointDistribution {
  assertNonNegative({ noise });
  return pointDistribution("swiss roll", (key, n, out) => {
    const [along, off] = threeKeys(key);
    const t = random.host.uniform(along, n, { low: 1.5 * Math.PI, high: 4.5 * Math.PI });
    const jitter = random.host.normal(off, 2 * n, { sd: noise });
    for (let i = 0; i < n; i++) {
      const angle = t[i] as number;
      out[2 * i] = (angle * Math.cos(angle) + (jitter[2 * i] as number)) / 5;
      out[2 * i + 1] = (angle * Math.sin(angle) + (jitter[2 * i + 1] as number)) / 5;
    }
  });
}
