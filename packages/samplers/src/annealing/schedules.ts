/**
 * Sequences along which a law changes in small steps: inverse temperatures β between a reference
 * (0) and a target (1), and scales of noise.
 *
 * They are plain arrays of numbers. Any other array in the same order serves as well.
 */
import { assertCount, assertInRange, assertPositive, fail } from "@ergodic/tensor";
import { conditionalSize } from "./log-weights.js";

/** `count` numbers from `first` to `last` in equal ratios; `last` alone for a count of 1. */
const geometric = (first: number, last: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => last * (first / last) ** ((count - 1 - i) / Math.max(count - 1, 1)));

/**
 * β_k = k/K, k = 0 ... K.
 *
 * @throws ValidationError for a number of levels K that is no positive integer; so do all below.
 */
export function linearSchedule(levels: number): number[] {
  assertCount({ levels }, 1_000_000);
  return Array.from({ length: levels + 1 }, (_, k) => k / levels);
}

/**
 * 0, and then K numbers in equal ratios from `smallest` to 1.
 *
 * For references much wider than the target, where the law changes most at small β.
 *
 * @param smallest in (0, 1), default 10⁻³
 */
export function geometricSchedule(levels: number, { smallest = 1e-3 }: { readonly smallest?: number } = {}): number[] {
  assertCount({ levels }, 1_000_000);
  assertInRange({ smallest }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  return [0, ...geometric(smallest, 1, levels)];
}

/**
 * β_k = (σ(δ(2k/K - 1)) - σ(-δ))/(σ(δ) - σ(-δ)) with the logistic σ: small steps at both ends.
 * Grosse, Ghahramani and Adams, arXiv 1511.02543, section 6.
 *
 * @param steepness δ, positive; default 4
 */
export function sigmoidSchedule(levels: number, { steepness = 4 }: { readonly steepness?: number } = {}): number[] {
  assertCount({ levels }, 1_000_000);
  assertPositive({ steepness });
  // σ(x) = ½ + ½ tanh(x/2), which turns the quotient into one of two tanh.
  const rise = (at: number): number => Math.tanh((steepness * at) / 2);
  return Array.from({ length: levels + 1 }, (_, k) => 0.5 + rise((2 * k) / levels - 1) / (2 * rise(1)));
}

/** The draws by which the next β is chosen: E₁ - E₀ and log weight of each. */
export interface Annealing {
  readonly beta: number;
  readonly differences: Float64Array;
  readonly logWeights: Float64Array;
}

/** The β after this one, in (beta, 1]. */
export type NextBeta = (at: Annealing) => number;

/**
 * The largest step after which the conditional effective sample size is still `share` of the draws
 * (those with a weight above 0). Zhou, Johansen and Aston, "Toward automatic model comparison",
 * arXiv 1303.3123, section 3.
 *
 * A schedule that depends on the draws makes Ẑ slightly biased. `annealedBounds` therefore finds it
 * in a separate run.
 *
 * @param share in (0, 1), default 0.95
 */
export function adaptiveSchedule({ share = 0.95 }: { readonly share?: number } = {}): NextBeta {
  assertInRange({ share }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  return ({ beta, differences, logWeights }) => {
    const alive = [...logWeights.keys()].filter((i) => logWeights[i]! > -Infinity && differences[i]! < Infinity);
    const [weights, slopes] = [alive.map((i) => logWeights[i]!), alive.map((i) => differences[i]!)];
    const enough = (next: number): boolean =>
      conditionalSize(
        weights,
        slopes.map((difference) => (beta - next) * difference),
      ) >= share;
    if (alive.length === 0 || enough(1)) return 1;
    let [low, high] = [beta, 1];
    for (let halvings = 0; halvings < 50; halvings++) {
      const middle = (low + high) / 2;
      if (enough(middle)) low = middle;
      else high = middle;
    }
    return high;
  };
}

/**
 * Inverse temperatures of tempered replicas: from 1 down to `smallest` in equal ratios.
 *
 * @param smallest in (0, 1), default 0.01
 */
export function geometricLadder(replicas: number, { smallest = 0.01 }: { readonly smallest?: number } = {}): number[] {
  assertCount({ replicas }, 10_000);
  assertInRange({ smallest }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  return geometric(smallest, 1, replicas).reverse();
}

export interface NoiseScheduleOptions {
  /** Scales of noise σ, `largest` > `smallest` > 0. */
  readonly largest: number;
  readonly smallest: number;
  readonly levels: number;
  /** ε of a Langevin step at the smallest noise (its drift is ε²/2). */
  readonly stepSize: number;
}

/**
 * Annealed Langevin dynamics: scales of noise σ in equal ratios, largest first, each with a step
 * size ε ∝ σ.
 *
 * Drift and noise of a step thus stay proportional to the remaining noise. Papers that write α = ε²
 * have α ∝ σ². Song and Ermon, arXiv 1907.05600, algorithm 1.
 *
 * @throws ValidationError for scales or a step size that are not positive, or scales in the wrong
 *   order.
 */
export function noiseSchedule({
  largest,
  smallest,
  levels,
  stepSize,
}: NoiseScheduleOptions): { sigma: number; stepSize: number }[] {
  assertCount({ levels }, 1_000_000);
  assertPositive({ largest, smallest, stepSize });
  if (largest <= smallest) fail(`largest is ${largest}`, `a number above smallest, ${smallest}`, "swap them");
  return geometric(largest, smallest, levels).map((sigma) => ({ sigma, stepSize: (stepSize * sigma) / smallest }));
}

/** @throws ValidationError unless `betas` rises from 0 to 1. */
export function assertSchedule(betas: readonly number[]): void {
  const bad = betas.findIndex((beta, k) => !Number.isFinite(beta) || (k > 0 && beta < betas[k - 1]!));
  if (bad >= 0) fail(`betas[${bad}] is ${betas[bad]}`, "finite numbers that never fall", "sort them");
  if (betas.length < 2 || betas[0] !== 0 || betas.at(-1) !== 1) {
    fail(`betas goes from ${betas[0]} to ${betas.at(-1)}`, "a schedule from 0 to 1", "for example linearSchedule(50)");
  }
}

/**
 * @throws ValidationError unless `betas` falls from 1 through at least one other number, none
 *   negative, and 0 only with a reference.
 */
export function assertLadder(betas: readonly number[], hasReference: boolean): void {
  const bad = betas.findIndex((beta, i) => !(beta >= 0) || (i > 0 && beta >= betas[i - 1]!));
  if (bad >= 0)
    fail(`betas[${bad}] is ${betas[bad]}`, "falling numbers, none below 0", "for example geometricLadder(6)");
  if (betas.length < 2 || betas[0] !== 1) {
    fail(`betas is [${betas.join(", ")}]`, "1, the target, and at least one hotter replica", "try geometricLadder(6)");
  }
  if (betas.at(-1) === 0 && !hasReference) {
    fail(
      "the last of betas is 0",
      "a reference, as exp(-0 E) has no finite integral",
      "pass reference, or end above 0",
    );
  }
}
