/**
 * A two-layer model in which everything is Gaussian, by exact algebra in float64.
 *
 *   z2 ~ N(0, 1),  z1 | z2 ~ N(B z2 + a, D),  x | z1 ~ N(w z1 + b, v),
 *   tilt E_i(z_i) = ½ A_i z_i² - c_i z_i.
 * The prior of (z1, z2) has the precision [[A1 + 1/D, -B/D], [-B/D, 1 + A2 + B²/D]] and the linear
 * term (c1 + a/D, c2 - B a/D). The posterior adds w²/v to the first entry of the one and w(x - b)/v
 * to that of the other.
 *
 * Layers are `bottom`, z1, and `top`, z2, so leaves come in the order (z1, z2).
 */
import * as tf from "@tensorflow/tfjs-core";
import { partwiseEnergy, type EnergyModel } from "@ergodic/energies";
import { standardNormal, type Latents } from "@ergodic/generators";
import type { Layer } from "@ergodic/nn";
import { random, type Key } from "@ergodic/tensor";
import { expect } from "vitest";
import { moments, sixSigma } from "./support.js";

export const values = {
  B: 0.8,
  a: 0.1,
  D: 0.25,
  w: 1.5,
  b: -0.2,
  v: 0.09,
  A1: 0.5,
  c1: 0.3,
  A2: 0.2,
  c2: -0.4,
  x: 0.7,
};

export type Layers = { readonly bottom: tf.Tensor; readonly top: tf.Tensor };
export type Hierarchy = { readonly B: tf.Tensor; readonly a: tf.Tensor; readonly logD: tf.Tensor };
export type Quadratic = { readonly A: tf.Tensor; readonly c: tf.Tensor };
export type Affine = { readonly w: tf.Tensor; readonly b: tf.Tensor };

const column = (z: tf.Tensor): tf.Tensor1D => tf.squeeze(z, [1]);
const square = (z: tf.Tensor): tf.Tensor => tf.square(column(z));

const { dimension, start } = standardNormal({ bottom: [1], top: [1] });

/** p0(z1, z2), with its parameters. */
export const hierarchy: Latents<Hierarchy, Layers> = {
  dimension,
  start,
  init: () => ({ B: tf.scalar(values.B), a: tf.scalar(values.a), logD: tf.scalar(Math.log(values.D)) }),
  draw({ B, a, logD }, key, n) {
    const [topKey, bottomKey] = random.split(key, 2) as [Key, Key];
    const top = random.normal(topKey, [n, 1]);
    const noise = tf.mul(tf.exp(tf.mul(0.5, logD)), random.normal(bottomKey, [n, 1]));
    return { top, bottom: tf.add(tf.add(tf.mul(B, top), a), noise) };
  },
  energy({ B, a, logD }, { bottom, top }) {
    const rest = tf.sub(column(bottom), tf.add(tf.mul(B, column(top)), a));
    const given = tf.add(tf.div(tf.square(rest), tf.exp(logD)), logD);
    return tf.mul(0.5, tf.add(square(top), given));
  },
};

export const quadratic = (A: number, c: number): EnergyModel<Quadratic> => ({
  init: () => ({ A: tf.scalar(A), c: tf.scalar(c) }),
  energy: (params, z) => tf.sub(tf.mul(tf.mul(0.5, params.A), square(z)), tf.mul(params.c, column(z))) as tf.Tensor1D,
});

/** E1(z1) + E2(z2). */
export const tilt = partwiseEnergy({ bottom: quadratic(values.A1, values.c1), top: quadratic(values.A2, values.c2) });

/** w z1 + b. */
export const generator: Layer<Affine, Layers> = {
  init: () => ({ w: tf.scalar(values.w), b: tf.scalar(values.b) }),
  apply: ({ w, b }, { bottom }) => tf.add(tf.mul(w, bottom), b),
};

/** Mean (z1, z2), and the covariance's entries 11, 12, 22. */
export interface Gaussian {
  readonly mean: readonly [number, number];
  readonly covariance: readonly [number, number, number];
}

/** Precision and linear term of the prior, or of the posterior given x. */
export function quadraticForm(given: "prior" | "posterior") {
  const { B, a, D, w, b, v, A1, c1, A2, c2, x } = values;
  const seen = given === "posterior" ? 1 : 0;
  return {
    precision: [A1 + 1 / D + (seen * w * w) / v, -B / D, 1 + A2 + (B * B) / D],
    linear: [c1 + a / D + (seen * w * (x - b)) / v, c2 - (B * a) / D],
  } as const;
}

/** The same for the prior in noise, z1 = B ε2 + a + √D ε1 and z2 = ε2. */
export function noiseForm(): ReturnType<typeof quadraticForm> {
  const { B, a, D, A1, c1, A2, c2 } = values;
  const root = Math.sqrt(D);
  const pull = c1 - A1 * a;
  return { precision: [1 + A1 * D, A1 * B * root, 1 + A1 * B * B + A2], linear: [root * pull, B * pull + c2] };
}

/** The law of (z1, z2) for a law of noise. */
export function placed({ mean: [m1, m2], covariance: [c11, c12, c22] }: Gaussian): Gaussian {
  const { B, a, D } = values;
  const root = Math.sqrt(D);
  return {
    mean: [root * m1 + B * m2 + a, m2],
    covariance: [D * c11 + 2 * root * B * c12 + B * B * c22, root * c12 + B * c22, c22],
  };
}

/** The Gaussian of a precision and a linear term. */
export function exactly(given: "prior" | "posterior"): Gaussian {
  const [p, q, r] = quadraticForm(given).precision;
  const [h1, h2] = quadraticForm(given).linear;
  const determinant = p * r - q * q;
  const covariance = [r / determinant, -q / determinant, p / determinant] as const;
  const [s11, s12, s22] = covariance;
  return { mean: [s11 * h1 + s12 * h2, s12 * h1 + s22 * h2], covariance };
}

/** The law after `steps` Langevin steps from N(0, I). */
export const afterSteps = (form: ReturnType<typeof quadraticForm>, steps: number, stepSize: number): Gaussian =>
  fromLaw({ mean: [0, 0], covariance: [1, 0, 1] }, form, steps, stepSize);

/**
 * The law after `steps` Langevin steps from a Gaussian: m ← F m + (s²/2) h and C ← F C F + s² I,
 * with F = I - (s²/2) Λ.
 */
export function fromLaw(
  start: Gaussian,
  { precision, linear }: ReturnType<typeof quadraticForm>,
  steps: number,
  stepSize: number,
): Gaussian {
  const half = (stepSize * stepSize) / 2;
  const [f11, f12, f22] = [1 - half * precision[0], -half * precision[1], 1 - half * precision[2]];
  let [m1, m2, c11, c12, c22] = [...start.mean, ...start.covariance];
  for (let i = 0; i < steps; i++) {
    [m1, m2] = [f11 * m1 + f12 * m2 + half * linear[0], f12 * m1 + f22 * m2 + half * linear[1]];
    const [u11, u12, u21, u22] = [
      f11 * c11 + f12 * c12,
      f11 * c12 + f12 * c22,
      f12 * c11 + f22 * c12,
      f12 * c12 + f22 * c22,
    ];
    [c11, c12, c22] = [u11 * f11 + u12 * f12 + 2 * half, u11 * f12 + u12 * f22, u21 * f12 + u22 * f22 + 2 * half];
  }
  return { mean: [m1, m2], covariance: [c11, c12, c22] };
}

/** Expected derivatives of the energies, by the first and second moments of (z1, z2). */
export function derivatives({ mean: [m1, m2], covariance: [c11, c12, c22] }: Gaussian) {
  const { B, a, D, w, b, v, x } = values;
  const [s11, s12, s22] = [c11 + m1 * m1, c12 + m1 * m2, c22 + m2 * m2];
  // r = z1 - B z2 - a.
  const rest = m1 - B * m2 - a;
  const restTop = s12 - B * s22 - a * m2;
  const restSquared = s11 + B * B * s22 + a * a - 2 * B * s12 - 2 * a * m1 + 2 * a * B * m2;
  return {
    base: { B: -restTop / D, a: -rest / D, logD: 0.5 - restSquared / (2 * D) },
    tilt: { A1: s11 / 2, c1: -m1, A2: s22 / 2, c2: -m2 },
    // Of -log p(x | z): (w z1 + b - x)/v times z1, and times 1.
    generator: { w: (w * s11 + (b - x) * m1) / v, b: (w * m1 + b - x) / v },
  };
}

/**
 * The moments of points (z1, z2) `[n, 2]`: five comparisons with a false-alarm rate of 1e-6 each.
 */
export function expectLaw(points: tf.Tensor, { mean, covariance: [c11, c12, c22] }: Gaussian): void {
  const n = points.shape[0]!;
  const found = moments(points);
  const errors = [c11 * c11 * 2, c11 * c22 + c12 * c12, c22 * c22 * 2].map((variance) => Math.sqrt(variance / (n - 1)));
  expect(Math.abs(found.mean[0]! - mean[0])).toBeLessThan(sixSigma * Math.sqrt(c11 / n));
  expect(Math.abs(found.mean[1]! - mean[1])).toBeLessThan(sixSigma * Math.sqrt(c22 / n));
  [c11, c12, c22].forEach((entry, i) => {
    expect(Math.abs(found.covariance[i]! - entry)).toBeLessThan(sixSigma * errors[i]!);
  });
}
