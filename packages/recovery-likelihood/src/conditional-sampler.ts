/**
 * How y_t is drawn given x_{t+1}: by a chain on the conditional energy, or from its normal
 * approximation.
 */
import { hmc, identityMass, langevin, mala, type Kernel, type KernelInfo, type KernelState } from "@ergodic/samplers";
import { assertPositive, assertPositiveInteger, fail } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Conditional } from "./conditional.js";

export type ConditionalKernel = Kernel<tf.Tensor, KernelState<tf.Tensor>, KernelInfo>;

/** The numbers of chains, `[chains]`. */
export interface ChainNumbers {
  /** s_t. */
  readonly stepSize: tf.Tensor;
  /** η, a factor of the noise of a Langevin step, `[]`. */
  readonly noise: tf.Tensor;
}

export interface ConditionalSampler {
  readonly name: string;
  /** K, the steps of a chain. 0 stands for the normal approximation. */
  readonly steps: number;
  /** s_t, `T` numbers: at the start of learning where they are adapted. */
  readonly stepSizes: Float64Array;
  /** The acceptance probability to which learning adapts the step sizes, per level. */
  readonly targetAcceptance?: number;
  kernel(conditional: Conditional, numbers: ChainNumbers): ConditionalKernel;
}

export interface ChainOptions {
  /** K. */
  readonly steps: number;
  /** s_t, `T` numbers, for instance `langevinSteps(ladder, 2e-4)`. */
  readonly stepSizes: Float64Array;
}

function assertChain({ steps, stepSizes }: ChainOptions): void {
  assertPositiveInteger({ steps });
  stepSizes.forEach((size, t) => assertPositive({ [`stepSizes[${t}]`]: size }));
}

/**
 * K Langevin steps: y ← y - (s²/2) ∇E(y | x_{t+1}) + η s ξ, without a Metropolis test.
 *
 * Gao et al., arXiv 2012.08125, equation 9.
 *
 * @throws ValidationError for steps that are not a positive integer, or a step size that is not
 *   positive.
 */
export function langevinSampler(options: ChainOptions): ConditionalSampler {
  assertChain(options);
  return {
    ...{ name: "Langevin", steps: options.steps, stepSizes: options.stepSizes },
    kernel: ({ scaled, scale }, { stepSize, noise }) =>
      langevin({
        energy: scaled,
        drift: tf.div(tf.square(stepSize), tf.mul(2, scale)),
        noise: tf.mul(noise, stepSize),
      }) as ConditionalKernel,
  };
}

export interface AdjustedChainOptions extends ChainOptions {
  /** Default 0.75. */
  readonly targetAcceptance?: number;
}

/**
 * K steps of the Metropolis-adjusted Langevin algorithm. Learning adapts the step size of every
 * level.
 *
 * @throws ValidationError as {@link langevinSampler}.
 */
export function malaSampler({ targetAcceptance = 0.75, ...options }: AdjustedChainOptions): ConditionalSampler {
  assertChain(options);
  return {
    ...{ name: "MALA", steps: options.steps, stepSizes: options.stepSizes, targetAcceptance },
    kernel: ({ scaled, scale }, { stepSize }) =>
      mala({ energy: scaled, temperature: scale, stepSize, mass: identityMass() }) as unknown as ConditionalKernel,
  };
}

export interface HmcChainOptions extends AdjustedChainOptions {
  /** Leapfrog steps of a step. Default 2. */
  readonly leapfrogSteps?: number;
}

/**
 * K steps of Hamiltonian Monte Carlo. Learning adapts the step size of every level.
 *
 * @throws ValidationError as {@link langevinSampler}, or for leapfrog steps that are no positive
 *   integer.
 */
export function hmcSampler(options: HmcChainOptions): ConditionalSampler {
  const { targetAcceptance = 0.75, leapfrogSteps = 2, ...chain } = options;
  assertChain(chain);
  assertPositiveInteger({ leapfrogSteps });
  return {
    ...{ name: `HMC with ${leapfrogSteps} leapfrog steps`, steps: chain.steps, stepSizes: chain.stepSizes },
    targetAcceptance,
    kernel: ({ scaled, scale }, { stepSize }) =>
      hmc({
        ...{ energy: scaled, temperature: scale, stepSize, steps: leapfrogSteps },
        mass: identityMass(),
      }) as unknown as ConditionalKernel,
  };
}

/**
 * No chain (K = 0): y = x_{t+1} - σ² ∇E(x_{t+1}, t) + σ ξ, the normal approximation of the
 * conditional, exact as σ → 0.
 *
 * Gao et al., arXiv 2012.08125, equation 11.
 *
 * @param stepNoise σ_i of the ladder, `ladder.stepNoise`.
 */
export const normalSampler = ({ stepNoise }: { readonly stepNoise: Float64Array }): ConditionalSampler => ({
  name: "normal approximation",
  steps: 0,
  stepSizes: stepNoise.slice(1),
  kernel: () => fail("the normal approximation has no chains", "a sampler with steps", "use langevinSampler"),
});
