/** Autocovariances by fast Fourier transform. */
import FFT from "fft.js";
import { fail } from "@ergodic/tensor";
import type { Chains } from "./draws.js";
import { inRange } from "./in-range.js";
import { mean } from "./moments.js";

/** A transform with its arrays, `[real, imaginary, real, ...]`. */
function planOf(size: number) {
  const [input, output, power] = [new Float64Array(2 * size), new Float64Array(2 * size), new Float64Array(2 * size)];
  return { size, fft: new FFT(size), input, output, power };
}

/**
 * The last transform, cached: its tables cost more than a transform, and all chains of a run have
 * one length.
 */
let plan = planOf(2);

/** Writes x - x̄ to every `stride`-th place from `first` on. */
function putCentred(chain: Float64Array, into: Float64Array, stride: number, first: number): void {
  const centre = mean(chain);
  for (let i = 0; i < chain.length; i++) into[stride * i + first] = chain[i]! - centre;
}

/** Adds |z|² of every complex number of `output` to the real part of `power`. */
function addPower(output: Float64Array, power: Float64Array): void {
  for (let k = 0; k < output.length; k += 2) power[k]! += output[k]! * output[k]! + output[k + 1]! * output[k + 1]!;
}

/**
 * The autocovariance at lags 0 ... n-1, averaged over chains: acov_t = mean over chains of (1/n)
 * Σ_i (x_i - x̄)(x_{i+t} - x̄).
 *
 * Every chain is centred at its own mean and padded with zeros to twice its length. One transform
 * takes two chains, as real and imaginary part: the real part of the inverse of |FFT(a + ib)|² is
 * the sum of their autocovariances.
 */
export function meanAutocovariance(chains: Chains): Float64Array {
  const n = chains[0]!.length;
  const size = 2 ** Math.ceil(Math.log2(2 * n));
  if (plan.size !== size) plan = planOf(size);
  const { fft, input, output, power } = plan;
  power.fill(0);
  for (let c = 0; c < chains.length; c += 2) {
    input.fill(0);
    putCentred(chains[c]!, input, 2, 0);
    if (c + 1 < chains.length) putCentred(chains[c + 1]!, input, 2, 1);
    fft.transform(output, input);
    addPower(output, power);
  }
  fft.inverseTransform(output, power);
  const covariances = new Float64Array(n);
  for (let t = 0; t < n; t++) covariances[t] = output[2 * t]! / (n * chains.length);
  return covariances;
}

/** (1/n) Σ_i x_i x_{i+lag}, averaged over centred chains. */
function directCovariance(centred: Chains, lag: number): number {
  const n = centred[0]!.length;
  let sum = 0;
  for (const chain of centred) for (let i = lag; i < n; i++) sum += chain[i]! * chain[i - lag]!;
  return sum / (n * centred.length);
}

/**
 * This many lags are summed one by one. Chains that mix well need no more, and the sums cost less
 * than a transform.
 */
const directLags = 16;

/** {@link meanAutocovariance} lag by lag, for sums that may stop early. */
export function autocovarianceAt(chains: Chains): (lag: number) => number {
  const centred = chains.map((chain) => {
    const copy = new Float64Array(chain.length);
    putCentred(chain, copy, 1, 0);
    return copy;
  });
  let all: Float64Array | undefined;
  return (lag) => {
    if (lag >= directLags) all ??= meanAutocovariance(chains);
    return all === undefined ? directCovariance(centred, lag) : all[lag]!;
  };
}

function checkedSeries(series: ArrayLike<number>): Float64Array {
  if (series.length < 2) fail(`series has ${series.length} numbers`, "at least 2");
  const values = Float64Array.from(series);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(`series[${bad}] is ${values[bad]}`, "finite numbers");
  return values;
}

/** The autocovariance of the series divided by `scale`. */
function scaledAutocovariance(series: ArrayLike<number>): { covariances: Float64Array; scale: number } {
  const { chains, scale } = inRange([checkedSeries(series)]);
  return { covariances: meanAutocovariance(chains), scale };
}

/**
 * Autocovariance of one chain at lags 0 ... n-1, with divisor n: (1/n) Σ_i (x_i - x̄)(x_{i+t} -
 * x̄).
 *
 * @throws ValidationError for fewer than 2 numbers or one that is not finite.
 */
export function autocovariance(series: ArrayLike<number>): Float64Array {
  const { covariances, scale } = scaledAutocovariance(series);
  return covariances.map((value) => value * scale * scale);
}

/**
 * Autocorrelation of one chain at lags 0 ... n-1: the autocovariance over its value at 0. NaN
 * throughout for a constant series.
 *
 * @throws ValidationError as {@link autocovariance}.
 */
export function autocorrelation(series: ArrayLike<number>): Float64Array {
  const { covariances } = scaledAutocovariance(series);
  return covariances.map((value) => value / covariances[0]!);
}
