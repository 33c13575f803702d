/** A density of points that are known by draws alone. */
import { random } from "@ergodic/tensor";
import { fittedNormal, normalConstant, type HostLaw } from "./fitted-normal.js";
import { lowerInverse } from "@ergodic/linear-algebra";

/** Widths that are tried, from 1 down in factors of √2. */
const widths = Array.from({ length: 10 }, (_, k) => 2 ** (-k / 2));

/**
 * The kernel density of points c_1 ... c_n with their own mean m and covariance S:
 *
 * `p(z) = 1/n Σ_i N(z; m + √(1 - h²) (c_i - m), h² S)`
 *
 * The centres are drawn together as in West, "Approximating Posterior Distributions by Mixtures"
 * (1993), so that the law keeps the covariance of the points. Of the widths h = 1, 1/√2, ½ ... it has
 * the one with the highest mean log-density of other points. With h = 1 it is N(m, S).
 *
 * @param points `[n, d]` row-major
 * @param others of the same law, which choose the width
 * @throws ValidationError for fewer than 2 points, or numbers that are not finite.
 */
export function kernelDensity(points: Float32Array, others: Float32Array, d: number): HostLaw {
  const laws = widths.map((h) => withWidth(points, d, h));
  const scores = laws.map((law) => law.logDensity(others).reduce((sum, log) => sum + log, 0));
  return laws[scores.indexOf(Math.max(...scores))]!;
}

function withWidth(points: Float32Array, d: number, h: number): HostLaw {
  const { mean, lower } = fittedNormal(points, d);
  const n = points.length / d;
  const inverse = lowerInverse(lower);
  /** L⁻¹ (z - m)/h of each row. */
  const whitened = (rows: Float32Array, shrink: number): Float64Array => {
    const found = new Float64Array(rows.length);
    for (let from = 0; from < rows.length; from += d)
      inverse.forEach((row, i) => {
        let sum = 0;
        for (let k = 0; k <= i; k++) sum += row[k]! * (rows[from + k]! - mean[k]!);
        found[from + i] = (sum * shrink) / h;
      });
    return found;
  };
  const centres = whitened(points, Math.sqrt(1 - h * h));
  const logVolume = lower.reduce((sum, row, i) => sum + Math.log(row[i]!), d * Math.log(h));
  return {
    draw(key, count) {
      const [whichKey, noiseKey] = random.split(key) as [typeof key, typeof key];
      const which = random.host.integers(whichKey, count, { high: n });
      const noise = random.host.normal(noiseKey, count * d);
      const drawn = new Float32Array(count * d);
      which.forEach((chosen, row) => {
        const at = Array.from({ length: d }, (_, k) => h * (centres[chosen * d + k]! + noise[row * d + k]!));
        lower.forEach((weights, i) => {
          drawn[row * d + i] = mean[i]! + weights.slice(0, i + 1).reduce((sum, weight, k) => sum + weight * at[k]!, 0);
        });
      });
      return drawn;
    },
    logDensity(rows) {
      const queries = whitened(rows, 1);
      const logs = new Float64Array(n);
      return Float64Array.from({ length: rows.length / d }, (_, row) => {
        let largest = -Infinity;
        for (let i = 0; i < n; i++) {
          let squares = 0;
          for (let k = 0; k < d; k++) squares += (queries[row * d + k]! - centres[i * d + k]!) ** 2;
          logs[i] = -squares / 2;
          largest = Math.max(largest, logs[i]!);
        }
        const sum = logs.reduce((total, value) => total + Math.exp(value - largest), 0);
        return largest + Math.log(sum / n) + normalConstant(d) - logVolume;
      });
    },
  };
}
