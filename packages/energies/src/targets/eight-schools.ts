/**
 * Eight schools, the classic small hierarchical model: effects of coaching in eight schools that
 * share a mean and a spread.
 *
 *   y_j ~ N(θ_j, σ_j²),  θ_j ~ N(μ, τ²),  μ ~ N(0, s²),  and a prior of τ.
 *
 * Positions hold log τ, and the prior of τ counts with the Jacobian τ. Rubin, "Estimation in
 * parallel randomized experiments" (1981).
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertOneOf } from "@ergodic/tensor";
import { analytic, boundedExp, halfSquare } from "../analytic/analytic-energy.js";
import { column, quantity, type Quantity, type Target } from "./target.js";

const y = [28, 8, -3, 7, -1, 1, 18, 12];
const sigma = [15, 10, 16, 11, 9, 11, 10, 18];

interface Prior {
  /** s. */
  readonly scale: number;
  /** -log of the prior density of log τ, up to a constant: of a number and of a tensor. */
  readonly energy: (logTau: number) => number;
  readonly energyOf: (logTau: tf.Tensor) => tf.Tensor;
}

const priors = {
  /** μ ~ N(0, 5²), τ ~ half-Cauchy(5). */
  "half-cauchy": {
    scale: 5,
    energy: (logTau) => Math.log1p((Math.exp(logTau) / 5) ** 2) - logTau,
    energyOf: (logTau) => tf.sub(tf.softplus(tf.mul(2, tf.sub(logTau, Math.log(5)))), logTau),
  },
  /** μ ~ N(0, 10²), log τ ~ N(5, 1). */
  "log-normal": {
    scale: 10,
    energy: (logTau) => (logTau - 5) ** 2 / 2,
    energyOf: (logTau) => halfSquare(tf.sub(logTau, 5)),
  },
} satisfies { [name: string]: Prior };

/** A number that, given τ and μ, is normal with mean constant + slope · μ. */
interface Conditional {
  readonly constant: number;
  readonly slope: number;
  readonly variance: number;
}

const known = (constant: number): Conditional => ({ constant, slope: 0, variance: 0 });
const mu: Conditional = { constant: 0, slope: 1, variance: 0 };

/** θ_j given τ and μ. Its mean is between y_j and μ, and the nearer to y_j the larger τ is. */
function effect(j: number, tau: number): Conditional {
  const weight = tau ** 2 / (tau ** 2 + sigma[j]! ** 2);
  return { constant: weight * y[j]!, slope: 1 - weight, variance: weight * sigma[j]! ** 2 };
}

/** η_j = (θ_j - μ)/τ given τ and μ. */
function standardised(j: number, tau: number): Conditional {
  const { constant, slope, variance } = effect(j, tau);
  return { constant: constant / tau, slope: (slope - 1) / tau, variance: variance / tau ** 2 };
}

/**
 * Law of μ given τ and y, and the log density of y given τ: everything but τ is integrated out in
 * closed form.
 */
function givenTau(tau: number, scale: number): { mean: number; variance: number; logDensity: number } {
  const variances = sigma.map((sd) => sd ** 2 + tau ** 2);
  const precision = variances.reduce((sum, v) => sum + 1 / v, scale ** -2);
  const mean = variances.reduce((sum, v, j) => sum + y[j]! / v, 0) / precision;
  const terms = variances.map((v, j) => Math.log(2 * Math.PI * v) + y[j]! ** 2 / v);
  const logDensity = (precision * mean ** 2 - Math.log(precision * scale ** 2) - terms.reduce((a, b) => a + b)) / 2;
  return { mean, variance: 1 / precision, logDensity };
}

/**
 * Mean and covariance of numbers that are normal given τ and μ, and ∫ p(y | τ) exp(-prior energy) d
 * log τ.
 *
 * By the trapezoid rule in log τ. The integrand is smooth and falls exponentially to both sides, so
 * the rule is exact to rounding.
 */
function integrate(prior: Prior, conditionals: (tau: number) => readonly Conditional[]) {
  const [low, high, step] = [-40, 12, 0.1];
  const nodes = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => {
    const tau = Math.exp(low + i * step);
    const centre = givenTau(tau, prior.scale);
    return {
      ...centre,
      weight: Math.exp(centre.logDensity - prior.energy(Math.log(tau))) * step,
      parts: conditionals(tau),
    };
  });
  const mass = nodes.reduce((sum, node) => sum + node.weight, 0);
  const size = nodes[0]!.parts.length;
  const mean = new Array<number>(size).fill(0);
  const covariance = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const node of nodes) {
    node.parts.forEach(({ constant, slope }, i) => (mean[i]! += ((constant + slope * node.mean) * node.weight) / mass));
  }
  for (const node of nodes) {
    const shifts = node.parts.map(({ constant, slope }, i) => constant + slope * node.mean - mean[i]!);
    node.parts.forEach((a, i) =>
      node.parts.forEach((b, j) => {
        const own = i === j ? a.variance : 0;
        const given = own + a.slope * b.slope * node.variance;
        covariance[i]![j]! += ((given + shifts[i]! * shifts[j]!) * node.weight) / mass;
      }),
    );
  }
  return { mean, covariance, mass };
}

export interface EightSchoolsOptions {
  /**
   * "centred": positions [μ, log τ, θ_1 ... θ_8], a funnel on which samplers are expected to fail.
   * "non-centred" (default): [μ, log τ, η_1 ... η_8] with θ_j = μ + τ η_j and η_j ~ N(0, 1) before
   * the data.
   */
  readonly form?: "centred" | "non-centred";
  /**
   * "half-cauchy" (default): μ ~ N(0, 5²), τ ~ half-Cauchy(5). "log-normal": μ ~ N(0, 10²), log τ ~
   * N(5, 1).
   */
  readonly prior?: keyof typeof priors;
}

/**
 * The posterior of eight schools.
 *
 * E = Σ (y_j - θ_j)²/(2σ_j²) + μ²/(2s²) + prior energy of log τ, and Σ (θ_j - μ)²/(2τ²) + 8 log τ
 * (centred) or Σ η_j²/2 (non-centred). log Z is the same for both.
 *
 * Quantities: μ, log τ, τ and θ_1 ... θ_8 in either form, exact to rounding. There are no exact
 * draws.
 *
 * @throws ValidationError for an unknown form or prior.
 */
export function eightSchools({ form = "non-centred", prior = "half-cauchy" }: EightSchoolsOptions = {}): Target {
  assertOneOf({ form }, ["centred", "non-centred"]);
  assertOneOf({ prior }, Object.keys(priors));
  const chosen: Prior = priors[prior];
  const own = form === "centred" ? effect : standardised;
  const { mass, ...moments } = integrate(chosen, (tau) => [mu, known(Math.log(tau)), ...y.map((_, j) => own(j, tau))]);
  const scales = sigma.reduce((sum, sd) => sum + Math.log(2 * Math.PI * sd), 0);
  const energy = analytic("eightSchools", {
    dimension: 10,
    formula: (position) => {
      const centre = tf.slice2d(position, [0, 0], [-1, 1]);
      const logTau = tf.slice2d(position, [0, 1], [-1, 1]);
      const rest = tf.slice2d(position, [0, 2], [-1, 8]);
      const eta = form === "centred" ? tf.mul(tf.sub(rest, centre), boundedExp(tf.neg(logTau))) : rest;
      const theta = form === "centred" ? rest : tf.add(centre, tf.mul(rest, boundedExp(logTau)));
      const residuals = tf.div(tf.sub(theta, tf.tensor1d(y)), tf.tensor1d(sigma));
      const squares = tf.sum(tf.add(halfSquare(residuals), halfSquare(eta)), 1, true);
      const ofMu = halfSquare(centre, 1 / chosen.scale);
      const jacobian = form === "centred" ? tf.mul(y.length, logTau) : tf.zerosLike(logTau);
      return tf.squeeze(tf.addN([squares, ofMu, chosen.energyOf(logTau), jacobian]), [1]);
    },
    moments,
    logPartition: Math.log(mass) + scales + Math.log(2 * Math.PI * chosen.scale ** 2) / 2,
  });
  const name = `eight-schools${form === "centred" ? "-centred" : ""}${prior === "log-normal" ? "-log-normal" : ""}`;
  return { ...energy, name, quantities: quantitiesOf(form, chosen) };
}

function quantitiesOf(form: "centred" | "non-centred", prior: Prior): Quantity[] {
  const truth = integrate(prior, (tau) => [mu, known(Math.log(tau)), known(tau), ...y.map((_, j) => effect(j, tau))]);
  const tau = (x: tf.Tensor2D): tf.Tensor1D => tf.exp(column(x, 1));
  const theta = (x: tf.Tensor2D, j: number): tf.Tensor1D =>
    form === "centred" ? column(x, 2 + j) : tf.add(column(x, 0), tf.mul(tau(x), column(x, 2 + j)));
  const functions: [string, (x: tf.Tensor2D) => tf.Tensor1D][] = [
    ["mu", (x) => column(x, 0)],
    ["log tau", (x) => column(x, 1)],
    ["tau", tau],
    ...y.map((_, j): [string, (x: tf.Tensor2D) => tf.Tensor1D] => [`theta[${j + 1}]`, (x) => theta(x, j)]),
  ];
  return functions.map(([name, of], i) =>
    quantity(name, of, { mean: truth.mean[i]!, sd: Math.sqrt(truth.covariance[i]![i]!) }),
  );
}
