/** Stochastic gradient descent, with PyTorch's form of momentum. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertNonNegative, zipElementwise, type Schedule, type TensorTree } from "@ergodic/tensor";
import { optimizerOf, zerosLike, type Optimizer } from "./optimizer.js";
import { toSchedule } from "./schedules.js";

export interface SgdOptions {
  /** A number, or a schedule over the number of updates made so far. */
  readonly learningRate: number | Schedule;
  /** In [0, 1). Default 0. */
  readonly momentum?: number;
}

/**
 * `step` counts the updates made. `velocity` has the structure of the parameters, or no leaves
 * without momentum.
 */
export type SgdState = {
  readonly step: tf.Scalar;
  readonly velocity: TensorTree;
};

/**
 * b ← momentum · b + g,   p ← p - lr b.
 *
 * @throws ValidationError for a negative rate or a momentum outside [0, 1).
 */
export function sgd({ learningRate, momentum = 0 }: SgdOptions): Optimizer<SgdState> {
  if (typeof learningRate === "number") assertNonNegative({ learningRate });
  assertInRange({ momentum }, { min: 0, max: 1, maxOpen: true });
  const schedule = toSchedule(learningRate);
  return optimizerOf({
    init: (params) => ({ step: tf.scalar(0), velocity: momentum === 0 ? [] : zerosLike(params) }),
    update(params, grads, state) {
      const velocity: TensorTree =
        momentum === 0 ? grads : zipElementwise((b, g) => tf.add(tf.mul(momentum, b), g), state.velocity, grads);
      const rate = schedule(state.step);
      const moved = zipElementwise((p, b) => tf.sub(p, tf.mul(rate, b)), params, velocity);
      return {
        params: moved,
        state: { step: tf.add(state.step, 1) as tf.Scalar, velocity: momentum === 0 ? [] : velocity },
      };
    },
  });
}
