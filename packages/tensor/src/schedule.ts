/** Numbers that change with the step. */
import type * as tf from "@tensorflow/tfjs-core";

/**
 * From the number of steps already made, 0 at the first, to a value.
 *
 * The number is a scalar tensor, so one compiled program serves all steps.
 */
export type Schedule = (step: tf.Scalar) => tf.Scalar;
