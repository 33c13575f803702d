/**
 * Unadjusted Langevin dynamics.
 *
 * One step moves every chain by
 *
 *   x' = x - (s²/2) C∇E(x) + η √T C^(1/2) ξ,  ξ ~ N(0, I).
 *
 * Here s is `stepSize`, η `noise`, T `temperature`, and C the inverse mass, I by default. With η =
 * s it is the Euler step of dx = -½C∇E dt + √T C^(1/2) dW over time s². Its stationary law
 * approaches exp(-E/T) as s → 0. Each of s, η and T is one value for all chains or one per chain.
 *
 * Papers write the pair of scales in three ways:
 *   - `z + (s²/2) ∇log p + s ξ`: give `stepSize`.
 *   - `z + α ∇log p + √(2α) ξ`: give `drift`; α = s²/2.
 *   - Drift and noise chosen separately: give `noise` too. That samples another temperature,
 *     η²/(2α) = (η/s)²: see {@link effectiveTemperature}.
 *
 * There is no Metropolis correction. For a Gaussian target with precision P the stationary
 * covariance of the chain is P⁻¹(I - s²P/4)⁻¹, and the chain diverges if an eigenvalue of P exceeds
 * 4/s². In general, a coordinate of target variance σ² has the variance η²σ⁴/(α(2σ² - α)).
 *
 * Roberts and Tweedie, "Exponential convergence of Langevin distributions and their discrete
 * approximations" (1996). Used for energy-based models in Nijkamp et al., arXiv 1904.09770, Pang et
 * al., arXiv 2006.08205, and Du and Mordatch, arXiv 1903.08689.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegative, assertPositive, assertPositiveInteger, fail, tree, type TensorTree } from "@ergodic/tensor";
import { clamper, gradientClipper, type Clamp, type GradientClip } from "./bounds.js";
import { mapped, product, settingOf, valueAt, type ChainSetting, type Setting } from "./chain-settings.js";
import { chainCount, normPerChain, type Energy } from "./chains.js";
import type { Kernel } from "./kernel.js";
import { identityMass, type Mass } from "./mass.js";
import { potential } from "./potential.js";
import { addScaled, scaledRows } from "./rows.js";

/** The size of the drift, given in one of two ways. */
export type LangevinDrift =
  | {
      /** s, positive: the drift is (s²/2) times the negative gradient. */
      readonly stepSize: ChainSetting;
      readonly drift?: undefined;
    }
  | {
      /** α = s²/2, positive: the drift itself, as many papers give it. */
      readonly drift: ChainSetting;
      readonly stepSize?: undefined;
    };

export type LangevinOptions<X extends TensorTree = tf.Tensor> = LangevinDrift & {
  /**
   * From a position, a tensor or tree of tensors with the chains on the first axis, to one energy
   * per chain, `[chains]`.
   */
  readonly energy: Energy<X>;
  /**
   * η: the standard deviation of the noise added by a step at temperature 1. Default s = √(2α), for
   * which exp(-E) is sampled.
   */
  readonly noise?: ChainSetting;
  /** T: the noise is multiplied by √T, so the target is exp(-E/T). Default 1. */
  readonly temperature?: ChainSetting;
  /** False leaves the noise out: gradient descent with step s²/2. Default true. */
  readonly withNoise?: boolean;
  /** M, with C = M⁻¹. Default `identityMass()`. */
  readonly mass?: Mass;
  /** Applied to ∇E before C. Default: no clipping. */
  readonly gradientClip?: GradientClip;
  /** The range into which positions are clamped after every step. Default: no clamp. */
  readonly clamp?: Clamp;
  /**
   * K: the K-th step of a chain, its last, and any after it add no noise. Default: every step does.
   */
  readonly denoiseLast?: number;
};

/** `step` counts the steps made. The inverse mass can be replaced, as with Hamiltonian kernels. */
export type LangevinState<X extends TensorTree> = {
  readonly position: X;
  readonly inverseMass: TensorTree;
  readonly step: tf.Scalar;
};

/** Both are taken at the position where the step started. */
export type LangevinInfo = {
  /** E(x), `[chains]`. */
  readonly energy: tf.Tensor1D;
  /** ‖∇E(x)‖ before clipping, `[chains]`. */
  readonly gradientNorm: tf.Tensor1D;
};

/** α and η. */
interface Scales {
  readonly drift: Setting;
  readonly noise: Setting;
}

function scalesOf({ stepSize, drift, noise }: LangevinDrift & { readonly noise?: ChainSetting }): Scales {
  if ((stepSize === undefined) === (drift === undefined)) {
    fail(
      `langevin has ${drift === undefined ? "neither stepSize nor drift" : "both stepSize and drift"}`,
      "one of them",
    );
  }
  const given = noise === undefined ? undefined : settingOf("noise", noise, assertNonNegative);
  if (drift !== undefined) {
    const alpha = settingOf("drift", drift, assertPositive);
    const root = mapped(
      alpha,
      (value) => Math.sqrt(2 * value),
      (value) => tf.sqrt(tf.mul(2, value)),
    );
    return { drift: alpha, noise: given ?? root };
  }
  const size = settingOf("stepSize", stepSize, assertPositive);
  const half = mapped(
    size,
    (value) => (value * value) / 2,
    (value) => tf.div(tf.square(value), 2),
  );
  return { drift: half, noise: given ?? size };
}

/**
 * The temperature that a drift and a noise chosen apart amount to: η²T/(2α), in the limit of small
 * steps.
 *
 * @throws ValidationError as {@link langevin}.
 */
export function effectiveTemperature({
  temperature = 1,
  ...scales
}: LangevinDrift & { readonly stepSize?: number; readonly drift?: number; readonly noise?: number } & {
  readonly temperature?: number;
}): number {
  const { drift, noise } = scalesOf(scales) as { drift: number; noise: number };
  assertNonNegative({ temperature });
  return (noise * noise * temperature) / (2 * drift);
}

/**
 * The Langevin kernel of an energy.
 *
 * @throws ValidationError for a step size, drift or limit that is not positive, both or neither of
 *   step size and drift, a negative noise or temperature, or an empty range; at the first step when
 *   the energy does not return `[chains]`, the mass does not fit the position, or a setting is
 *   neither `[]` nor `[chains]`.
 */
export function langevin<X extends TensorTree = tf.Tensor>(
  options: LangevinOptions<X>,
): Kernel<X, LangevinState<X>, LangevinInfo> {
  const { energy, temperature = 1, withNoise = true, mass = identityMass(), denoiseLast } = options;
  const evaluate = potential(energy, "langevin");
  const { drift, noise } = scalesOf(options);
  if (denoiseLast !== undefined) assertPositiveInteger({ denoiseLast });
  const clip = options.gradientClip && gradientClipper(options.gradientClip);
  const clamp = options.clamp && clamper(options.clamp);
  const spread = product(noise, mapped(settingOf("temperature", temperature, assertNonNegative), Math.sqrt, tf.sqrt));
  const quiet = !withNoise || spread === 0;

  /** η √T of a step. */
  const spreadAt = (step: tf.Scalar, chains: number): tf.Tensor => {
    const size = valueAt(spread, step, chains);
    return denoiseLast === undefined ? size : tf.mul(size, tf.cast(tf.less(step, denoiseLast - 1), "float32"));
  };

  return {
    init: (position) => ({ position, inverseMass: mass.init(position), step: tf.scalar(0) }),
    moveTo: (state, position) => ({ ...state, position }),
    evaluate,
    step({ position, inverseMass, step }, key) {
      const chains = chainCount(position);
      const { energy: before, gradient } = evaluate(position);
      const uphill = mass.velocity(inverseMass, clip === undefined ? gradient : clip(gradient));
      const alpha = valueAt(drift, step, chains);
      let moved = tree.zip((x, g) => tf.sub(x, scaledRows(alpha, g)), position as TensorTree, uphill);
      if (!quiet) {
        const size = spreadAt(step, chains);
        // M⁻¹p with p ~ N(0, M) has covariance M⁻¹ = C.
        const kick = mass.velocity(inverseMass, mass.momentum(inverseMass, key, position as TensorTree));
        moved = addScaled(moved, size, kick);
      }
      return [
        { position: (clamp === undefined ? moved : clamp(moved)) as X, inverseMass, step: tf.add(step, 1) },
        { energy: before, gradientNorm: normPerChain(gradient) },
      ];
    },
  };
}
