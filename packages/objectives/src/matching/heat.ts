/** The temperature along a run of Energy Matching, as a share of its highest. */
import * as tf from "@tensorflow/tfjs-core";

/** A jump is a ramp over this time. */
const shortest = 1e-6;

/**
 * 0 before time `from`, in [0, 1], then linear up to 1 at time 1, and 1 after it.
 *
 * The temperature ε(τ) of arXiv 2504.10612 is ε_max times it, with τ* = `from`. At τ* = 1 it jumps.
 */
export const heat = (time: tf.Tensor, from: number): tf.Tensor =>
  tf.clipByValue(tf.add(tf.div(tf.sub(time, 1), Math.max(1 - from, shortest)), 1), 0, 1);
