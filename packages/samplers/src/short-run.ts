/**
 * Negatives for learning energies without persistent chains: short runs from a fixed law, and runs
 * from the data.
 *
 * Both are pure and unrolled, for use inside `compile`.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  assertFunction,
  assertNonNegative,
  assertPositiveInteger,
  random,
  tree,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import type { Kernel, KernelInfo, KernelState } from "./kernel.js";
import { runSteps } from "./run-steps.js";
import type { StartLaw } from "./start-law.js";

export interface ShortRunOptions<X extends TensorTree = tf.Tensor> {
  /** The law all chains start from, every time. */
  readonly start: StartLaw<X>;
  readonly chains: number;
  /** K. It is part of the model: longer chains draw from another law. */
  readonly steps: number;
  readonly key: Key;
}

/**
 * Short-run MCMC: K steps from fresh starts, a generator rather than a sampler of exp(-E).
 *
 * With `withNoise: false` in `langevin` it is a deterministic function of the start; `runSteps`
 * applies it to given starts.
 *
 * Nijkamp et al., "Learning non-convergent non-persistent short-run MCMC toward energy-based
 * model", arXiv 1904.09770.
 *
 * @returns the last positions and the last step's report.
 * @throws ValidationError for counts that are no positive integers, or a start that is no function.
 */
export function shortRun<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I>,
  { start, chains, steps, key }: ShortRunOptions<X>,
): { position: X; info: I } {
  assertFunction({ start });
  assertPositiveInteger({ chains });
  const [startKey, runKey] = random.split(key) as [Key, Key];
  return runSteps(kernel, start(startKey, chains), { steps, key: runKey });
}

export interface ContrastiveOptions {
  /** K, small: chains that stay near the data show where the energy is too high. */
  readonly steps: number;
  readonly key: Key;
  /**
   * Standard deviation of the noise added to the data first, which keeps the learned energy smooth.
   * Default 0.
   */
  readonly dataNoise?: number;
}

/**
 * Contrastive divergence: K steps from the data. Hinton (2002).
 *
 * The gradient of its loss E(positives) - E(negatives) is biased, since it neglects how the
 * negatives change with the energy. It never sees modes far from the data.
 *
 * @returns the data with their noise, and the last positions of the chains from there.
 * @throws ValidationError for a number of steps that is no positive integer, or a negative noise.
 */
export function contrastiveRun<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I>,
  data: X,
  { steps, key, dataNoise = 0 }: ContrastiveOptions,
): { positives: X; negatives: X; info: I } {
  assertNonNegative({ dataNoise });
  const [noiseKey, runKey] = random.split(key) as [Key, Key];
  const positives =
    dataNoise === 0
      ? data
      : (tree.zip(
          (x, xi) => tf.add(x, tf.mul(dataNoise, xi)),
          data as TensorTree,
          random.normalLike(noiseKey, data as TensorTree),
        ) as X);
  const { position, info } = runSteps(kernel, positives, { steps, key: runKey });
  return { positives, negatives: position, info };
}
