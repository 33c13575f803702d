/**
 * The Adam optimiser. Its numbers agree with those of PyTorch.
 *
 * With g the gradient, to which weightDecay · p is added (PyTorch's L2 form):
 *   m ← β1 m + (1 - β1) g,   v ← β2 v + (1 - β2) g²,
 *   p ← p - lr (m / (1 - β1^t)) / (sqrt(v / (1 - β2^t)) + ε).
 *
 * Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", arXiv 1412.6980.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  assertInRange,
  assertNonNegative,
  assertPositive,
  zipElementwise,
  type Schedule,
  type TensorTree,
} from "@ergodic/tensor";
import { optimizerOf, zerosLike, type Optimizer } from "./optimizer.js";
import { toSchedule } from "./schedules.js";

export interface AdamOptions {
  /** A number, or a schedule over the number of updates made so far. */
  readonly learningRate: number | Schedule;
  /**
   * Decay rate of the mean gradient, in [0, 1). Default 0.9. Papers on energy-based models often
   * use 0.5 or 0.
   */
  readonly beta1?: number;
  /** Decay rate of the mean squared gradient, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the mean square. Default 1e-8. */
  readonly epsilon?: number;
  /**
   * L2 penalty: weightDecay · p is added to the gradient, as in PyTorch's Adam and unlike AdamW.
   * Default 0.
   */
  readonly weightDecay?: number;
}

/** `step` counts the updates made. `first` and `second` have the structure of the parameters. */
export type AdamState = {
  readonly step: tf.Scalar;
  readonly first: TensorTree;
  readonly second: TensorTree;
};

/**
 * 1 - β^t for a scalar tensor t, computed as 2u/(1 + u) with u = tanh(-t log(β) / 2).
 *
 * In float32, 1 - pow(β, t) loses digits to cancellation while β^t is near 1.
 */
function oneMinusPower(beta: number, t: tf.Tensor): tf.Tensor {
  if (beta === 0) return tf.scalar(1);
  const u = tf.tanh(tf.mul(-Math.log(beta) / 2, t));
  return tf.div(tf.mul(2, u), tf.add(1, u));
}

/**
 * The Adam optimiser with these settings.
 *
 * @throws ValidationError for a negative rate or weight decay, an ε that is not positive, or a β
 *   outside [0, 1).
 */
export function adam(options: AdamOptions): Optimizer<AdamState> {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  if (typeof learningRate === "number") assertNonNegative({ learningRate });
  assertInRange({ beta1, beta2 }, { min: 0, max: 1, maxOpen: true });
  assertPositive({ epsilon });
  assertNonNegative({ weightDecay });
  const schedule = toSchedule(learningRate);
  const memory = (beta: number, old: tf.Tensor, fresh: tf.Tensor): tf.Tensor =>
    tf.add(tf.mul(beta, old), tf.mul(1 - beta, fresh));
  return optimizerOf({
    init: (params) => ({ step: tf.scalar(0), first: zerosLike(params), second: zerosLike(params) }),
    update(params, grads, state) {
      const decayed =
        weightDecay === 0 ? grads : zipElementwise((g, p) => tf.add(g, tf.mul(weightDecay, p)), grads, params);
      const step = tf.add(state.step, 1) as tf.Scalar;
      const first = zipElementwise((m, g) => memory(beta1, m, g), state.first, decayed);
      const second = zipElementwise((v, g) => memory(beta2, v, tf.square(g)), state.second, decayed);
      // Both corrections are scalars. They go into one factor and into ε instead of scaling every m
      // and v.
      const root = tf.sqrt(oneMinusPower(beta2, step));
      const rate = tf.div(tf.mul(schedule(state.step), root), oneMinusPower(beta1, step));
      const shift = tf.mul(epsilon, root);
      const move = (p: tf.Tensor, m: tf.Tensor, v: tf.Tensor): tf.Tensor =>
        tf.sub(p, tf.mul(rate, tf.div(m, tf.add(tf.sqrt(v), shift))));
      return {
        params: zipElementwise(move as (...tensors: tf.Tensor[]) => tf.Tensor, params, first, second),
        state: { step, first, second },
      };
    },
  });
}
