/** Runs a function of trees at once, without recording it. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type Tree } from "@ergodic/tensor";
import { tidy } from "./tidy.js";

/** What `fn(...args)` gives; results that are arguments are cloned, so that the caller owns all it gets. */
export function runEagerly<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
  return tidy(() => {
    const result = fn(...args);
    const taken = new Set<unknown>(tree.leaves(args as Tree<unknown>));
    return tree.map((leaf) => {
      if (!(leaf instanceof tf.Tensor) || !taken.has(leaf)) {
        taken.add(leaf);
        return leaf;
      }
      return tf.clone(leaf);
    }, result as Tree<unknown>) as R;
  });
}
