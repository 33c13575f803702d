/**
 * Alarms with a bound on the rate of false ones, from scores of held-out normal examples.
 *
 * If a new normal example and the n held-out ones are exchangeable, the rank of its score among all
 * n + 1 is uniform. So P(p ≤ α) ≤ α for p of {@link conformalPValues}, whatever the distribution of
 * scores. The rate is over new and held-out examples together: with few held-out ones the rate of a
 * given threshold varies.
 *
 * Sources: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005; Bates et
 * al., "Testing for Outliers with Conformal p-values", arXiv 2104.08279, equation 2.
 */
import { assertInRange, fail, timesCount, ValidationError } from "@ergodic/tensor";

/**
 * p = (1 + #{held-out scores ≥ s}) / (n + 1) of every score s, in (0, 1]. Low for anomalies.
 *
 * @param scores higher is more anomalous
 * @param heldOut scores of normal examples that the model has not seen
 * @throws ValidationError without held-out scores, and for a score that is NaN
 */
export function conformalPValues(scores: ArrayLike<number>, heldOut: ArrayLike<number>): Float64Array {
  if (heldOut.length === 0) throw new ValidationError("there are no held-out scores, expected at least one");
  return countsOf(scores, heldOut, "at least").map((count) => (1 + count) / (heldOut.length + 1));
}

/**
 * The share of other scores above each score, in [0, 1].
 *
 * @throws ValidationError without other scores, and for a score that is NaN
 */
export function sharesAbove(scores: ArrayLike<number>, others: ArrayLike<number>): Float64Array {
  if (others.length === 0) throw new ValidationError("there are no other scores, expected at least one");
  return countsOf(scores, others, "above").map((count) => count / others.length);
}

export interface AlarmThreshold {
  /** Scores above it are alarms: those whose conformal p-value is at most `rate`. */
  readonly threshold: number;
  /** The bound on the rate of false alarms: the greatest k / (n + 1) up to the asked rate. */
  readonly rate: number;
}

/** The least rate of false alarms that n held-out examples can bound: 1 / (n + 1). */
export const leastFalseAlarms = (n: number): number => 1 / (n + 1);

/** The held-out examples that a rate of false alarms needs. */
export const examplesFor = (rate: number): number => Math.ceil(timesCount(1, 1 / rate)) - 1;

/**
 * The threshold for a rate of false alarms: the k-th largest held-out score, k = ⌊rate (n + 1)⌋.
 *
 * @throws ValidationError for a rate outside (0, 1), for less than `examplesFor(rate)` scores, and
 *   for a score that is NaN
 */
export function alarmThreshold(heldOut: ArrayLike<number>, rate: number): AlarmThreshold {
  assertInRange({ rate }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  const n = heldOut.length;
  const k = Math.floor(timesCount(rate, n + 1));
  if (k < 1)
    fail(
      `${n} held-out examples bound no rate of false alarms below ${leastFalseAlarms(n)}, but it is ${rate}`,
      `at least ${examplesFor(rate)} of them`,
      "hold out more, or ask for a higher rate",
    );
  return { threshold: sortedScores(heldOut)[n - k]!, rate: k / (n + 1) };
}

/** Counts, for each score, the others that are at least it or above it. */
function countsOf(scores: ArrayLike<number>, others: ArrayLike<number>, which: "at least" | "above"): Float64Array {
  const sorted = sortedScores(others);
  assertNumbers(scores);
  return Float64Array.from(scores, (score) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle]! < score || (which === "above" && sorted[middle] === score)) low = middle + 1;
      else high = middle;
    }
    return sorted.length - low;
  });
}

function sortedScores(scores: ArrayLike<number>): Float64Array {
  assertNumbers(scores);
  return Float64Array.from(scores).sort();
}

function assertNumbers(scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++)
    if (Number.isNaN(scores[i])) throw new ValidationError(`score ${i} is NaN; expected numbers`);
}
