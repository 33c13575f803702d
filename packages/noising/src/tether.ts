/**
 * Tethers: the quadratic term that a noisy observation adds to the energy of its source.
 *
 * With the scaled variable y_t = α_t x_t the next level is x_{t+1} = y_t + σ_{t+1} ε. Hence
 * -log p(y_t | x_{t+1}) = E(y_t) + ρ_t |y_t - γ_t x_{t+1}|²/(2 σ_{t+1}²) + const, with ρ = γ = 1.
 *
 * Gao et al., arXiv 2012.08125.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertOneOf, assertPositive, fail } from "@ergodic/tensor";
import type { Ladder } from "./ladder.js";
import { assertLevel, atLevel, type NoiseLevel } from "./levels.js";

/**
 * The model of the last transition.
 *
 * - "marginal": a density of level T - 1 without tether and scale (α = 1, ρ = 0). Its chains only
 *   start at x_T. The released code of arXiv 2012.08125 uses it.
 * - "tilted": a density of level T - 1 that tilts N(0, σ_T² I) (α = 1, ρ = 1, γ = 0). Its chains
 *   start at x_T. The released code of arXiv 2206.05895 uses it.
 * - "conditional": the same form as the other transitions (α = a_T, ρ = 1). The paper prints it.
 */
export type TopLevel = (typeof tops)[number];

const tops = ["marginal", "tilted", "conditional"] as const;

export interface LadderTransitions {
  /** α_t, `T` numbers. */
  readonly scale: Float64Array;
  /** ρ_t, `T` numbers: 1, except 0 for a marginal top level. */
  readonly tethered: Float64Array;
  /** γ_t, `T` numbers: 1, except 0 for a tilted top level. */
  readonly centred: Float64Array;
  /** σ_{t+1}, `T` numbers. */
  readonly noise: Float64Array;
  /** w_t = σ_1/σ_{t+1}, `T` numbers: the factor of the contrastive loss of a transition. */
  readonly lossWeight: Float64Array;
  /**
   * ν_t = α_t σ_{t+1} S_t/S_{t+1}, `T` numbers: the standard deviation of y_t given x_{t+1} and the
   * data.
   */
  readonly initialNoise: Float64Array;
}

/**
 * The constants of every transition t = 0 .. T - 1.
 *
 * @throws ValidationError for another `top`.
 */
export function transitionsOf(ladder: Ladder, top: TopLevel = "marginal"): LadderTransitions {
  assertOneOf({ top }, tops);
  const { transitions, noise: noises, stepSignal, stepNoise } = ladder;
  const is = (kind: TopLevel, t: number): boolean => top === kind && t === transitions - 1;
  const noise = stepNoise.slice(1);
  const scale = Float64Array.from(noise, (_, t) =>
    t < transitions - 1 || top === "conditional" ? stepSignal[t + 1]! : 1,
  );
  return {
    scale,
    noise,
    tethered: Float64Array.from(noise, (_, t) => (is("marginal", t) ? 0 : 1)),
    centred: Float64Array.from(noise, (_, t) => (is("tilted", t) ? 0 : 1)),
    lossWeight: noise.map((sd) => noise[0]! / sd),
    initialNoise: Float64Array.from(noise, (sd, t) => (scale[t]! * sd * noises[t]!) / noises[t + 1]!),
  };
}

/**
 * s_t = √(b² S_t/S_0) σ_{t+1}: the step size of Langevin chains on y_t, `T` numbers.
 *
 * @param scale b², 2e-4 in arXiv 2012.08125 and 4e-4 in arXiv 2309.05153.
 * @throws ValidationError for a scale that is not positive, or a ladder whose level 0 holds no
 * noise.
 */
export function langevinSteps(ladder: Ladder, scale: number): Float64Array {
  assertPositive({ scale });
  const [least] = ladder.noise;
  if (!(least! > 0)) {
    fail(
      "level 0 of the ladder holds no noise",
      "S_0 above 0",
      "use ladder.recovery or ladder.cosine, or steps of your own",
    );
  }
  return Float64Array.from(
    ladder.stepNoise.subarray(1),
    (sd, t) => Math.sqrt((scale * ladder.noise[t]!) / least!) * sd,
  );
}

/**
 * s_t = √share σ_{t+1}, `T` numbers: step sizes whose chains mix within some 2/share steps. Tethers
 * alone give the conditional energies the precision 1/σ_{t+1}².
 *
 * On a precision P the chain has the variance 1/(P (1 - s²P/4)), which is at least s² for every P.
 * Energies of data that are narrower than s_t in any direction would grow without end. With
 * `narrowest` no s_t² is above half the least variance of y_t.
 *
 * @param options.narrowest The least standard deviation of the data in any direction. Default:
 *   wide enough for every step.
 * @throws ValidationError for a share or `narrowest` that is not positive.
 */
export function proportionalSteps(
  ladder: Ladder,
  share: number,
  { narrowest = Infinity }: { readonly narrowest?: number } = {},
): Float64Array {
  assertPositive({ share });
  if (!(narrowest > 0)) fail(`narrowest is ${narrowest}`, "a positive standard deviation");
  const { scale } = transitionsOf(ladder);
  return ladder.stepNoise.slice(1).map((sd, t) => {
    const least = scale[t]! * Math.hypot(ladder.signal[t]! * narrowest, ladder.noise[t]!);
    return Math.min(Math.sqrt(share) * sd, Math.SQRT1_2 * least);
  });
}

/**
 * ρ_t |y - γ_t x_{t+1}|²/(2 σ_{t+1}²), `[batch]`, an energy of y given x_{t+1}.
 *
 * @param far x_{t+1}, with the shape of y.
 * @throws ValidationError for a transition outside 0 .. T - 1, or transitions that are not int32
 * `[batch]`.
 */
export function tether(
  { noise, tethered, centred }: LadderTransitions,
  far: tf.Tensor,
  transition: NoiseLevel,
): (y: tf.Tensor) => tf.Tensor1D {
  assertLevel("transition", transition, noise.length, far.shape[0]!);
  const strength = tethered.map((rho, t) => rho / (2 * noise[t]! ** 2));
  const centre = centred.every((gamma) => gamma === 1) ? far : tf.mul(atLevel(centred, transition, far.rank), far);
  return (y) => {
    const squares = tf.sum(tf.reshape(tf.square(tf.sub(y, centre)), [far.shape[0]!, -1]), 1);
    return tf.mul(atLevel(strength, transition, 1), squares) as tf.Tensor1D;
  };
}
