/**
 * Stochastic gradient Langevin dynamics.
 *
 * x' = x - (η/2) ĝ + √(ηT) ξ with an estimate ĝ of ∇E and no accept step: `langevin` with η =
 * stepSize², for estimates.
 *
 * As η falls, the noise of the estimate, of variance (η/2)² Var ĝ, vanishes beside that of the
 * step. At constant η the chain on N(0, σ²), T = 1, has variance σ² (1 + η Var ĝ/4)/(1 - η/(4σ²)).
 *
 * Welling and Teh, "Bayesian learning via stochastic gradient Langevin dynamics" (2011), equation
 * 4.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegative, assertPositive, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { settingOf, valueAt, type ChainSetting } from "../chain-settings.js";
import { chainCount, normPerChain } from "../chains.js";
import type { Kernel } from "../kernel.js";
import { scaledRows } from "../rows.js";
import { diagonalCurvature } from "./curvature.js";
import { estimator, type StochasticEnergy } from "./stochastic-energy.js";

export interface StochasticGradientOptions<X extends TensorTree = tf.Tensor> {
  /**
   * From a position and a key to an estimate of the energies, `[chains]`. An exact energy is an
   * estimate too.
   */
  readonly energy: StochasticEnergy<X>;
  /** η, positive; for SGLD see `polynomialDecay`. It is ε² for the step size ε of other kernels. */
  readonly learningRate: ChainSetting;
  /** T: the target is exp(-E/T). Default 1. */
  readonly temperature?: ChainSetting;
}

/** `step` counts the steps made. */
export type SgldState<X extends TensorTree> = { readonly position: X; readonly step: tf.Scalar };

/** Estimates are taken where the step started. */
export type StochasticGradientInfo = {
  /** The estimated energies, `[chains]`. */
  readonly energy: tf.Tensor1D;
  /** ‖ĝ‖, `[chains]`. */
  readonly gradientNorm: tf.Tensor1D;
  /** η of the step, `[]` or `[chains]`. */
  readonly learningRate: tf.Tensor;
};

/** The estimate, rate and noise of one step, for all stochastic gradient kernels. */
export interface Estimate<X extends TensorTree> {
  readonly gradient: X;
  /** η and T, `[]` or `[chains]`. */
  readonly learningRate: tf.Tensor;
  readonly temperature: tf.Tensor;
  /** ξ ~ N(0, I). */
  readonly noise: X;
  /** ∂ĝ_i/∂x_i of the same estimate. See {@link diagonalCurvature}. */
  curvature(): X;
  readonly info: StochasticGradientInfo;
}

/**
 * The estimates of a kernel: `estimate` for every step, and `evaluate` for the start.
 *
 * @throws ValidationError for a rate that is not positive, a negative temperature, or an energy
 *   that is no function.
 */
export function estimates<X extends TensorTree>(
  { energy, learningRate, temperature = 1 }: StochasticGradientOptions<X>,
  caller: string,
): { estimate(state: SgldState<X>, key: Key): Estimate<X>; evaluate(position: X): TensorTree } {
  const estimateAt = estimator(energy, caller);
  const rate = settingOf("learningRate", learningRate, assertPositive);
  const heat = settingOf("temperature", temperature, assertNonNegative);
  return {
    evaluate: (position) => estimateAt(position, random.key(0)),
    estimate({ position, step }, key) {
      const [batchKey, noiseKey, signKey] = random.split(key, 3) as [Key, Key, Key];
      const { energy: energies, gradient } = estimateAt(position, batchKey);
      const chains = chainCount(position);
      const current = valueAt(rate, step, chains);
      return {
        gradient,
        learningRate: current,
        temperature: valueAt(heat, step, chains),
        noise: random.normalLike(noiseKey, position as TensorTree) as X,
        curvature: () => diagonalCurvature((x: X) => estimateAt(x, batchKey).gradient, position, signKey),
        info: { energy: energies, gradientNorm: normPerChain(gradient), learningRate: current },
      };
    },
  };
}

/**
 * The SGLD kernel of a stochastic energy.
 *
 * @throws ValidationError for a learning rate that is not positive or a negative temperature; at
 *   the first step when the energy does not return `[chains]`, or a rate or temperature is neither
 *   `[]` nor `[chains]`.
 */
export function sgld<X extends TensorTree = tf.Tensor>(
  options: StochasticGradientOptions<X>,
): Kernel<X, SgldState<X>, StochasticGradientInfo> {
  const { estimate, evaluate } = estimates(options, "sgld");
  return {
    init: (position) => ({ position, step: tf.scalar(0) }),
    moveTo: (state, position) => ({ ...state, position }),
    evaluate,
    step(state, key) {
      const { gradient, learningRate, temperature, noise, info } = estimate(state, key);
      const [drift, spread] = [tf.div(learningRate, 2), tf.sqrt(tf.mul(learningRate, temperature))];
      const position = tree.zip(
        (x, g, xi) => tf.add(tf.sub(x, scaledRows(drift, g)), scaledRows(spread, xi)),
        state.position as TensorTree,
        gradient,
        noise,
      ) as X;
      return [{ position, step: tf.add(state.step, 1) }, info];
    },
  };
}
