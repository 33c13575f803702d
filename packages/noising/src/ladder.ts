/**
 * Noise ladders: levels 0 .. T of increasingly noisy data.
 *
 * x_i = A_i x + S_i ε with ε ~ N(0, I) and A_i² + S_i² = 1. A transition i → i+1 is x_{i+1} =
 * a_{i+1} x_i + σ_{i+1} ε, so A_i = a_0 ⋯ a_i and σ_i² = 1 - a_i². Tables are float64.
 */
import { assertInRange, assertPositiveInteger, fail } from "@ergodic/tensor";

export interface Ladder {
  /** T, the number of transitions; levels are 0 .. T. */
  readonly transitions: number;
  /** A_i, the share of the data in level i, `T + 1` numbers. */
  readonly signal: Float64Array;
  /** S_i, the standard deviation of the noise in level i, `T + 1` numbers. */
  readonly noise: Float64Array;
  /** a_i, the share of level i - 1 in level i, `T + 1` numbers; a_0 = A_0. */
  readonly stepSignal: Float64Array;
  /**
   * σ_i, the standard deviation of the noise added from level i - 1 to i, `T + 1` numbers; σ_0 =
   * S_0.
   */
  readonly stepNoise: Float64Array;
}

const baseSteps = 1000;

/** r_j = √(1 - β_j) for β = 1e-4 .. 0.02 in 1,000 equal steps; Ho et al., arXiv 2006.11239. */
const baseRatios: readonly number[] = Array.from({ length: baseSteps }, (_, j) =>
  Math.sqrt(1 - (1e-4 + ((0.02 - 1e-4) * j) / (baseSteps - 1))),
);

const orthogonal = (share: number): number => Math.sqrt((1 - share) * (1 + share));

function fromSteps(stepSignal: readonly number[]): Ladder {
  let product = 1;
  const signal = stepSignal.map((a) => (product *= a));
  return {
    transitions: stepSignal.length - 1,
    signal: Float64Array.from(signal),
    noise: Float64Array.from(signal, orthogonal),
    stepSignal: Float64Array.from(stepSignal),
    stepNoise: Float64Array.from(stepSignal, orthogonal),
  };
}

/** Ladder whose level i is the product of the first `counts[i]` factors of the base ladder. */
function strided(counts: readonly number[]): Ladder {
  const product = (from: number, to: number): number => baseRatios.slice(from, to).reduce((total, r) => total * r, 1);
  return fromSteps(counts.map((count, i) => product(i === 0 ? 0 : counts[i - 1]!, count)));
}

/**
 * The strided ladder of diffusion recovery likelihood.
 *
 * The stride is ⌊1000 / (2(T - 1))⌋. Level i < T ends at factor i · stride of the base ladder.
 * Level T ends at its last factor. Level 0 holds noise of standard deviation 0.01.
 *
 * Gao et al., "Learning Energy-Based Models by Diffusion Recovery Likelihood", arXiv 2012.08125,
 * and its released code.
 *
 * @throws ValidationError for T outside 2 .. 501, where the stride is undefined or 0.
 */
export function recovery(transitions: number): Ladder {
  assertPositiveInteger({ transitions });
  const most = baseSteps / 2 + 1;
  if (transitions < 2 || transitions > most) {
    fail(`transitions is ${transitions}`, `2 to ${most} for a strided ladder`, "use full(transitions) instead");
  }
  const stride = Math.floor(baseSteps / (2 * (transitions - 1)));
  return strided([...Array.from({ length: transitions }, (_, i) => i * stride + 1), baseSteps]);
}

/**
 * The whole base ladder in T segments of equal length.
 *
 * Level i holds the first round(1000 i/T) factors, so level 0 is the clean data. T = 1000 gives one
 * transition for every β. T = 1 goes to noise in one transition.
 *
 * @throws ValidationError for T outside 1 .. 1000.
 */
export function full(transitions: number): Ladder {
  assertPositiveInteger({ transitions });
  assertInRange({ transitions }, { min: 1, max: baseSteps });
  const counts = Array.from({ length: transitions + 1 }, (_, i) => Math.round((baseSteps * i) / transitions));
  return strided(counts);
}

export interface CosineLadderOptions {
  /** log(A²/S²) of level T. Default -5.1. */
  readonly lowest?: number;
  /** log(A²/S²) of level 0. Default 9.8. */
  readonly highest?: number;
}

/**
 * The ladder linear in the angle: A_i = cos(a i/T + b) and S_i = sin(a i/T + b).
 *
 * It follows from log(A_i²/S_i²) = λ(i/T) with λ(u) = -2 log tan(a u + b), b = arctan
 * e^(-highest/2) and a = arctan e^(-lowest/2) - b.
 *
 * Nichol and Dhariwal, arXiv 2102.09672; defaults of Zhu et al., "Learning Energy-Based Models by
 * Cooperative Diffusion Recovery Likelihood", arXiv 2309.05153.
 *
 * @throws ValidationError for T that is not a positive integer, or `lowest` not below `highest`.
 */
export function cosine(transitions: number, { lowest = -5.1, highest = 9.8 }: CosineLadderOptions = {}): Ladder {
  assertPositiveInteger({ transitions });
  if (!(lowest < highest)) {
    fail(`lowest is ${lowest} and highest ${highest}`, "lowest below highest", "they are log signal-to-noise ratios");
  }
  const [first, last] = [Math.atan(Math.exp(-highest / 2)), Math.atan(Math.exp(-lowest / 2))];
  const angles = Array.from({ length: transitions + 1 }, (_, i) => first + ((last - first) * i) / transitions);
  const signal = angles.map(Math.cos);
  const stepSignal = signal.map((a, i) => (i === 0 ? a : a / signal[i - 1]!));
  return {
    transitions,
    signal: Float64Array.from(signal),
    noise: Float64Array.from(angles, Math.sin),
    stepSignal: Float64Array.from(stepSignal),
    stepNoise: Float64Array.from(stepSignal, orthogonal),
  };
}

/** Noise ladders. */
export const ladder = { recovery, full, cosine } as const;
