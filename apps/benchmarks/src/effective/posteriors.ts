/**
 * Posteriors as people write them, with raw regressors and recursions over time, and data made up
 * for them. `peers/effective.py` contains the same energies.
 */
import * as tf from "@tensorflow/tfjs-core";
import { interval, posterior, positive, real, type Posterior } from "@ergodic/samplers/posterior";
import { random } from "@ergodic/tensor";
import type { EffectiveTarget } from "./target.js";

const noise = (name: string, n: number): number[] => [...random.host.normal(random.key(name), n)];
const column = (perChain: tf.Tensor): tf.Tensor => tf.expandDims(perChain, 1);
const row = (numbers: readonly number[]): tf.Tensor => tf.tensor2d([[...numbers]]);

/** -log p of numbers `[1, n]` with means `[chains, n]` and one scale for each chain. */
function normalEnergy(y: tf.Tensor, mean: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const squares = tf.sum(tf.square(tf.div(tf.sub(y, mean), column(scale))), 1);
  return tf.add(tf.mul(0.5, squares), tf.mul(y.size, tf.log(scale)));
}

const halfSquare = (x: tf.Tensor, sd: number): tf.Tensor => tf.mul(0.5, tf.square(tf.div(x, sd)));
const halfCauchy = (x: tf.Tensor, scale: number): tf.Tensor => tf.log1p(tf.square(tf.div(x, scale)));

interface RegressionData {
  /** Rows of regressors. */
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

function regressionData(x: readonly (readonly number[])[], beta: readonly number[], sd: number): RegressionData {
  const errors = noise("regression", x.length);
  return { x, y: x.map((of, i) => of.reduce((sum, value, k) => sum + value * beta[k]!, sd * errors[i]!)) };
}

/** y ~ N(X beta, sigma), flat in beta; p(sigma) flat, or a half Cauchy of scale 2.5. */
const regression = ({ x, y }: RegressionData, heavy: boolean) =>
  posterior({
    parameters: { beta: real([x[0]!.length]), sigma: positive() },
    energy({ beta, sigma }) {
      const own = normalEnergy(row(y), tf.matMul(beta, tf.tensor2d(x as number[][]), false, true), sigma);
      return heavy ? tf.add(own, halfCauchy(sigma, 2.5)) : own;
    },
  });

interface YearsData {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly priorAlpha: readonly [mean: number, sd: number];
  readonly priorBeta: readonly [mean: number, sd: number];
}

/** A line through raw years, so that alpha and beta are correlated to 0.9999. */
const years = ({ x, y, priorAlpha, priorBeta }: YearsData) =>
  posterior({
    parameters: { alpha: real(), beta: real(), sigma: positive() },
    energy: ({ alpha, beta, sigma }) =>
      tf.addN([
        normalEnergy(row(y), tf.add(column(alpha), tf.mul(column(beta), row(x))), sigma),
        halfSquare(tf.sub(alpha, priorAlpha[0]), priorAlpha[1]),
        halfSquare(tf.sub(beta, priorBeta[0]), priorBeta[1]),
      ]),
  });

interface SeriesData {
  readonly y: readonly number[];
}

/** y_t = mu + phi y_(t-1) + theta e_(t-1) + e_t. */
const arma = ({ y }: SeriesData) =>
  posterior({
    parameters: { mu: real(), phi: real(), theta: real(), sigma: positive() },
    energy({ mu, phi, theta, sigma }) {
      const errors: tf.Tensor[] = [];
      y.forEach((value, t) => {
        const before = t === 0 ? tf.mul(phi, mu) : tf.add(tf.mul(phi, y[t - 1]!), tf.mul(theta, errors[t - 1]!));
        errors.push(tf.sub(value, tf.add(mu, before)));
      });
      return tf.addN([
        normalEnergy(tf.zeros([1, y.length]), tf.stack(errors, 1), sigma),
        halfSquare(mu, 10),
        halfSquare(phi, 2),
        halfSquare(theta, 2),
        halfCauchy(sigma, 2.5),
      ]);
    },
  });

interface GarchData extends SeriesData {
  /** The first standard deviation. */
  readonly sigma1: number;
}

/** y_t ~ N(mu, v_t), v_t = alpha0 + alpha1 (y_(t-1) - mu)² + beta1 v_(t-1). */
const garch = ({ y, sigma1 }: GarchData) =>
  posterior({
    parameters: {
      mu: real(),
      alpha0: positive(),
      alpha1: interval(0, 1),
      beta1: interval(0, ({ alpha1 }) => tf.sub(1, alpha1!)),
    },
    energy({ mu, alpha0, alpha1, beta1 }) {
      const variances = [tf.fill(mu.shape, sigma1 ** 2)];
      y.slice(0, -1).forEach((value, t) => {
        const shock = tf.mul(alpha1, tf.square(tf.sub(value, mu)));
        variances.push(tf.addN([alpha0, shock, tf.mul(beta1, variances[t]!)]));
      });
      const v = tf.stack(variances, 1);
      const squares = tf.square(tf.sub(row(y), column(mu)));
      return tf.mul(0.5, tf.sum(tf.add(tf.log(v), tf.div(squares, v)), 1));
    },
  });

function seriesData(): SeriesData {
  const errors = noise("arma", 200);
  const y: number[] = [];
  errors.forEach((e, t) => y.push(0.01 + 0.95 * (y[t - 1] ?? 0) - 0.05 * 0.17 * (errors[t - 1] ?? 0) + 0.17 * e));
  return { y };
}

function garchData(): GarchData {
  let variance = 0.25;
  const y = noise("garch", 200).map((e) => {
    const value = 5 + Math.sqrt(variance) * e;
    variance = 1.5 + 0.55 * (value - 5) ** 2 + 0.3 * variance;
    return value;
  });
  return { y, sigma1: 0.5 };
}

function interactionData(): RegressionData {
  const scores = noise("scores", 434);
  const x = scores.map((score, i) => [1, Number(i % 5 > 0), 100 + 15 * score]).map((of) => [...of, of[1]! * of[2]!]);
  return regressionData(x, [-11, 51, 0.97, -0.48], 18);
}

function yearsData(): YearsData {
  const x = Array.from({ length: 62 }, (_, i) => 1952 + i);
  const errors = noise("years", 62);
  const y = x.map((year, i) => 9 + 0.018 * (year - 1982) + 1.1 * errors[i]!);
  return { x, y, priorAlpha: [9, 100], priorBeta: [0, 1 / 30] };
}

function logsData(): RegressionData {
  const size = noise("size", 46);
  const own = [...Array(5).keys()].map((k) => noise(`own ${k}`, 46));
  const x = size.map((s, i) => [1, ...own.map((of) => 0.4 * s + 0.2 * of[i]!), Number(i > 19)]);
  return regressionData(x, [5.3, 0.4, 1.1, 0.4, 0.4, 0.1, 0.6], 0.33);
}

/** A posterior, and data for it that a file may replace. */
const target = <D>(title: string, data: () => D, made: (data: D) => Posterior): EffectiveTarget => ({
  ...{ title, data, steps: 1000, chains: 8 },
  open: (given) => made(given as D),
});

export const posteriors: { readonly [name: string]: EffectiveTarget } = {
  interaction: target("434 scores on raw regressors and their product", interactionData, (data) =>
    regression(data, true),
  ),
  years: target("a line through 62 raw years", yearsData, years),
  logs: target("46 weights on six logarithms", logsData, (data) => regression(data, false)),
  arma: target("ARMA(1, 1), 200 steps", seriesData, arma),
  garch: target("GARCH(1, 1), 200 steps", garchData, garch),
};
