/**
 * Cyclical SGLD: the learning rate falls from η₀ to 0 in every cycle, by a cosine.
 *
 * In the first part of a cycle, at large rates, the chain descends without noise and finds another
 * mode. In the last part it is SGLD, and its draws are kept.
 *
 * Zhang et al., "Cyclical stochastic gradient MCMC for Bayesian deep learning", arXiv 1902.03932,
 * equation 1 and algorithm 1.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertNonNegative, assertPositive, fail, type TensorTree } from "@ergodic/tensor";
import type { Kernel } from "../kernel.js";
import { cosineCycles, cycleProgress } from "../schedule.js";
import { sgld, type SgldState, type StochasticGradientInfo } from "./sgld.js";
import type { StochasticEnergy } from "./stochastic-energy.js";

export interface CyclicalSgldOptions<X extends TensorTree = tf.Tensor> {
  /** From a position and a key to an estimate of the energies, `[chains]`. */
  readonly energy: StochasticEnergy<X>;
  /** η₀, positive: the rate at which every cycle begins. */
  readonly learningRate: number;
  /** Steps of a cycle. */
  readonly cycleLength: number;
  /** β, in [0, 1): the first part of a cycle, which only explores. Default 0.8. */
  readonly exploration?: number;
  /** T of the part that samples. Default 1. */
  readonly temperature?: number;
}

export type CyclicalSgldInfo = StochasticGradientInfo & {
  /** 1 for a step of the part that samples, whose draw is to be kept; else 0. */
  readonly sampling: tf.Scalar;
};

/**
 * The cyclical SGLD kernel of a stochastic energy.
 *
 * @throws ValidationError for a rate that is not positive, a length that is no positive integer, an
 *   exploration outside [0, 1), cycles without a step that samples or a negative temperature; at
 *   the first step when the energy does not return `[chains]`.
 */
export function cyclicalSgld<X extends TensorTree = tf.Tensor>({
  energy,
  learningRate,
  cycleLength,
  exploration = 0.8,
  temperature = 1,
}: CyclicalSgldOptions<X>): Kernel<X, SgldState<X>, CyclicalSgldInfo> {
  assertPositive({ learningRate });
  assertNonNegative({ temperature });
  assertInRange({ exploration }, { min: 0, max: 1, maxOpen: true });
  const progress = cycleProgress(cycleLength);
  if ((cycleLength - 1) / cycleLength < exploration) {
    fail(
      `exploration is ${exploration} in cycles of ${cycleLength} steps`,
      "a part that samples",
      "take longer cycles",
    );
  }
  const sampling = (step: tf.Scalar): tf.Scalar =>
    tf.cast(tf.greaterEqual<tf.Scalar>(progress(step), exploration), "float32");
  const kernel = sgld({
    energy,
    learningRate: cosineCycles({ initial: learningRate, length: cycleLength }),
    temperature: (step) => tf.mul(temperature, sampling(step)),
  });
  return {
    ...kernel,
    step(state, key) {
      const [next, info] = kernel.step(state, key);
      return [next, { ...info, sampling: sampling(state.step) }];
    },
  };
}
