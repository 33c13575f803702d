/**
 * Adam, number for number PyTorch's.
 *
 * Kingma and Ba, "Adam: A Method for Stochastic Optimization", arXiv 1412.6980. With g the gradient (plus weightDecay · p, PyTorch's L2 form):
 *   m ← β1 m + (1 - β1) g,   v ← β2 v + (1 - β2) g²,   p ← p - lr (m / (1 - β1^t)) / (sqrt(v / (1 - β2^t)) + ε).
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertNonNegative, assertPositive, tree, type Schedule, type TensorTree } from "@ergodic/tensor";
import { optimizerOf, zerosLike, type Optimizer } from "./optimizer.js";
import { toSchedule } from "./schedules.js";

export interface AdamOptions {
  /** A number, or a schedule of the number of updates already made. */
  readonly learningRate: number | Schedule;
  /** Memory of the mean gradient, in [0, 1). Default 0.9; the EBM papers often use 0.5 or 0. */
  readonly beta1?: number;
  /** Memory of the mean squared gradient, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the mean square. Default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty: weightDecay · p is added to the gradient (PyTorch's Adam, not AdamW). Default 0. */
  readonly weightDecay?: number;
}

/** `step` counts the updates made; `first` and `second` are trees like the parameters. */
export type AdamState = {
  readonly step: tf.Scalar;
  readonly first: TensorTree;
  readonly second: TensorTree;
};

/**
 * 1 - β^t for a scalar tensor t, without the cancellation that 1 - pow(β, t) suffers in float32 while β^t is near 1:
 * with u = tanh(-t log(β) / 2) it is 2u/(1 + u).
 */
function oneMinusPower(beta: number, t: tf.Tensor): tf.Tensor {
  if (beta === 0) return tf.scalar(1);
  const u = tf.tanh(tf.mul(-Math.log(beta) / 2, t));
  return tf.div(tf.mul(2, u), tf.add(1, u));
}

/** @throws ValidationError for a negative rate, ε or weight decay, or a β outside [0, 1). */
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
      const decayed = weightDecay === 0 ? grads : tree.zip((g, p) => tf.add(g, tf.mul(weightDecay, p)), grads, params);
      const step = tf.add(state.step, 1) as tf.Scalar;
      const first = tree.zip((m, g) => memory(beta1, m, g), state.first, decayed);
      const second = tree.zip((v, g) => memory(beta2, v, tf.square(g)), state.second, decayed);
      // Both corrections are scalars, so they are moved into one factor and into ε instead of scaling every m and v.
      const root = tf.sqrt(oneMinusPower(beta2, step));
      const rate = tf.div(tf.mul(schedule(state.step), root), oneMinusPower(beta1, step));
      const shift = tf.mul(epsilon, root);
      const move = (p: tf.Tensor, m: tf.Tensor, v: tf.Tensor): tf.Tensor =>
        tf.sub(p, tf.mul(rate, tf.div(m, tf.add(tf.sqrt(v), shift))));
      return {
        params: tree.zip(move as (...leaves: tf.Tensor[]) => tf.Tensor, params, first, second),
        state: { step, first, second },
      };
    },
  });
}
