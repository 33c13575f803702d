/** A classifier alone. */
import type { TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { NoState, Objective } from "./objective.js";

/**
 * The objective that asks nothing of p(x): {@link jointClassifier} of it learns p(y | x) alone, as
 * an ordinary classifier does.
 */
export const noDensity = <P extends TensorTree>(): Objective<P, NoState> => ({
  init: () => ({}),
  begin: () => ({ loss: () => [tf.scalar(0), {}], state: {} }),
});
