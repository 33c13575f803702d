/** Runs a function of trees directly, without recording it. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type Tree } from "@ergodic/tensor";
import { purely } from "./purity.js";
import { tidy } from "./tidy.js";

/**
 * The result of `fn(...args)`.
 *
 * Calls that a recorded function must not make are refused here too (`purity.ts`), so that a
 * function behaves the same on every engine. Results that are arguments or variables are cloned, so
 * that the caller owns every tensor of the result.
 */
export function runEagerly<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
  return tidy(() => {
    const result = purely(() => fn(...args));
    const taken = new Set<unknown>(tree.leaves(args as Tree<unknown>));
    return tree.map((leaf) => {
      if (!(leaf instanceof tf.Tensor) || (!taken.has(leaf) && !(leaf instanceof tf.Variable))) {
        taken.add(leaf);
        return leaf;
      }
      return tf.clone(leaf);
    }, result as Tree<unknown>) as R;
  });
}
