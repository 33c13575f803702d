/**
 * Unadjusted Langevin dynamics.
 *
 * One step moves every chain by  x' = x - (s²/2) ∇E(x) + η √T ξ,  ξ ~ N(0, I),  with s = `stepSize`, η = `noise`, T = `temperature`.
 * With η = s it is the Euler step of dx = -½∇E dt + √T dW over time s² and its stationary law approaches exp(-E/T) as s → 0.
 *
 * The papers write this pair of scales in three ways, which is the most common confusion about it:
 *   - `z + (s²/2) ∇log p + s ξ` (here),  - `z + s' ∇log p + √(2s') ξ` (s' = s²/2),  - a drift and a noise scale chosen apart (set `noise`).
 * Choosing them apart samples another temperature: a noise η over a drift s²/2 is the temperature (η/s)².
 *
 * There is no Metropolis correction. For a Gaussian target with precision P the chain's own stationary covariance is P⁻¹(I - s²P/4)⁻¹,
 * and it diverges where an eigenvalue of P exceeds 4/s².
 *
 * Roberts and Tweedie, "Exponential convergence of Langevin distributions and their discrete approximations" (1996); as used for energy-based
 * models in Nijkamp et al., arXiv 1904.09770, and Pang et al., arXiv 2006.08205.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegative, assertPositive, random, tree, type TensorTree } from "@ergodic/tensor";
import { normPerChain, type Energy } from "./chains.js";
import type { Kernel } from "./kernel.js";
import { potential } from "./potential.js";

export interface LangevinOptions<X extends TensorTree = tf.Tensor> {
  /** From a position, a tensor or tree of tensors with the chains on the first axis, to one energy per chain, `[chains]`. */
  readonly energy: Energy<X>;
  /** s: the drift is (s²/2) times the negative gradient. Positive. */
  readonly stepSize: number;
  /** η: the standard deviation of the noise added by a step at temperature 1. Default `stepSize`, the value for which exp(-E) is sampled. */
  readonly noise?: number;
  /** T: the noise is multiplied by √T, so the target is exp(-E/T). Default 1. */
  readonly temperature?: number;
  /** False leaves the noise out: gradient descent with step s²/2. Default true. */
  readonly withNoise?: boolean;
}

export type LangevinState<X extends TensorTree> = { readonly position: X };

/** Both are taken where the step started, before it moved. */
export type LangevinInfo = {
  /** E(x), `[chains]`. */
  readonly energy: tf.Tensor1D;
  /** ‖∇E(x)‖, `[chains]`. */
  readonly gradientNorm: tf.Tensor1D;
};

/**
 * The Langevin kernel of an energy.
 *
 * @throws ValidationError for a step size that is not positive or a negative noise or temperature; at the first step when the energy
 * does not return `[chains]`.
 */
export function langevin<X extends TensorTree = tf.Tensor>(
  options: LangevinOptions<X>,
): Kernel<X, LangevinState<X>, LangevinInfo> {
  const { energy, stepSize, noise = stepSize, temperature = 1, withNoise = true } = options;
  const evaluate = potential(energy, "langevin");
  assertPositive({ stepSize });
  assertNonNegative({ noise, temperature });
  const drift = (stepSize * stepSize) / 2;
  const spread = withNoise ? noise * Math.sqrt(temperature) : 0;
  return {
    init: (position) => ({ position }),
    step({ position }, key) {
      const { energy: before, gradient } = evaluate(position);
      const drifted = tree.zip((x, g) => tf.sub(x, tf.mul(drift, g)), position as TensorTree, gradient);
      const moved =
        spread === 0
          ? drifted
          : tree.zip((x, xi) => tf.add(x, tf.mul(spread, xi)), drifted, random.normalLike(key, position as TensorTree));
      return [{ position: moved as X }, { energy: before, gradientNorm: normPerChain(gradient) }];
    },
  };
}
