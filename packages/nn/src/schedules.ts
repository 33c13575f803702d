/**
 * Learning rates that change with the step.
 *
 * A schedule is a function of a scalar tensor: the number of updates made so far, 0 at the first
 * update. It can thus be part of a compiled update that is recorded once.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegative, assertPositive, type Schedule } from "@ergodic/tensor";

/** Always `value`. */
export function constant(value: number): Schedule {
  assertNonNegative({ value });
  return () => tf.scalar(value);
}

/** The schedule itself, or the constant schedule of a number. */
export const toSchedule = (rate: number | Schedule): Schedule => (typeof rate === "number" ? constant(rate) : rate);

export interface DecayOptions {
  /** Value at step 0. */
  readonly initial: number;
  /** Factor of the value over `every` steps. */
  readonly factor: number;
  /** Default 1. */
  readonly every?: number;
  /** The value never falls below this. Default 0. */
  readonly floor?: number;
}

function decay({ initial, factor, every = 1, floor = 0 }: DecayOptions, ages: (age: tf.Tensor) => tf.Tensor): Schedule {
  assertPositive({ initial, factor, every });
  assertNonNegative({ floor });
  return (step) => {
    const value = tf.mul(initial, tf.exp(tf.mul(Math.log(factor), ages(tf.div(step, every)))));
    return (floor > 0 ? tf.maximum(value, floor) : value) as tf.Scalar;
  };
}

/** max(floor, initial · factor^(step/every)): a smooth decay. */
export const exponentialDecay = (options: DecayOptions): Schedule => decay(options, (age) => age);

/**
 * max(floor, initial · factor^floor(step/every)): a step down after each `every` updates, such as
 * one epoch.
 */
export const stepDecay = (options: DecayOptions): Schedule => decay(options, (age) => tf.floor(age));

export interface LinearDecayOptions {
  /** Value until the decay begins. */
  readonly initial: number;
  /** Number of steps before the decay begins. Default 0. */
  readonly after?: number;
  /** Number of steps of the decay. The value then stays. */
  readonly over: number;
  /** Value after the decay. Default 0. */
  readonly final?: number;
  /** Updates of one step, such as those of an epoch. The value changes once a step. Default 1. */
  readonly every?: number;
}

/**
 * initial + (final - initial) min(max(s - after, 0)/over, 1), with s = floor(step/every).
 *
 * Source: the constant and the decaying half of CycleGAN, arXiv 1703.10593, section 7.
 */
export function linearDecay({ initial, after = 0, over, final = 0, every = 1 }: LinearDecayOptions): Schedule {
  assertPositive({ initial, over, every });
  assertNonNegative({ final, after });
  return (step) => {
    // Half a step keeps the quotient from rounding below a whole number.
    const steps = tf.floor(tf.div(tf.add(step, 0.5), every));
    const progress = tf.clipByValue(tf.div(tf.sub(steps, after), over), 0, 1);
    return tf.add(initial, tf.mul(final - initial, progress)) as tf.Scalar;
  };
}

export interface CosineOptions {
  /** Value at step 0. */
  readonly initial: number;
  /** Number of updates until the value is `final`, where it then stays. */
  readonly steps: number;
  /** Default 0. */
  readonly final?: number;
}

/**
 * final + (initial - final)(1 + cos(π min(step/steps, 1)))/2.
 *
 * Source: one cycle of Loshchilov and Hutter, "SGDR", arXiv 1608.03983.
 */
export function cosine({ initial, steps, final = 0 }: CosineOptions): Schedule {
  assertPositive({ initial, steps });
  assertNonNegative({ final });
  return (step) => {
    const progress = tf.minimum(tf.div(step, steps), 1);
    return tf.add(final, tf.mul((initial - final) / 2, tf.add(1, tf.cos(tf.mul(Math.PI, progress))))) as tf.Scalar;
  };
}

export interface WarmupOptions {
  /** Number of updates over which the value rises linearly, from 1/steps of its full size. */
  readonly steps: number;
  /** The full size. A schedule sees the same step numbers. */
  readonly then: number | Schedule;
}

/** min((step + 1)/steps, 1) · then(step). */
export function linearWarmup({ steps, then }: WarmupOptions): Schedule {
  assertPositive({ steps });
  const full = toSchedule(then);
  return (step) => tf.mul(tf.minimum(tf.div(tf.add(step, 1), steps), 1), full(step)) as tf.Scalar;
}
