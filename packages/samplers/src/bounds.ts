/**
 * Clipped gradients and clamped positions, which keep chains in range where an energy is badly
 * behaved.
 *
 * Both change the law that is sampled.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  assertFinite,
  assertOneOf,
  assertPositive,
  fail,
  scaledLength,
  shortenedTo,
  tree,
  type TensorTree,
} from "@ergodic/tensor";

export interface GradientClip {
  /** c, positive. */
  readonly limit: number;
  /**
   * "element" clips every number into [-c, c]. "norm" shortens each chain's gradient, over all
   * leaves, to a length of at most c. Default "element".
   */
  readonly by?: "element" | "norm";
}

/** Lowest and highest number of a position. */
export type Clamp = readonly [low: number, high: number];

/**
 * A function that clips gradients.
 *
 * @throws ValidationError for a limit that is not positive or another way of clipping.
 */
export function gradientClipper({ limit, by = "element" }: GradientClip): <X extends TensorTree>(gradient: X) => X {
  assertPositive({ "gradientClip.limit": limit });
  assertOneOf({ "gradientClip.by": by }, ["element", "norm"]);
  return <X extends TensorTree>(gradient: X) => {
    if (by === "element") return tree.map((g) => tf.clipByValue(g, -limit, limit), gradient as TensorTree) as X;
    return shortenedTo(gradient, scaledLength(gradient, 1), limit);
  };
}

/** A function that clamps positions. @throws ValidationError unless low < high. */
export function clamper([low, high]: Clamp): <X extends TensorTree>(position: X) => X {
  assertFinite({ "clamp[0]": low, "clamp[1]": high });
  if (!(low < high)) fail(`clamp is [${low}, ${high}]`, "[low, high] with low < high");
  return <X extends TensorTree>(position: X) =>
    tree.map((x) => tf.clipByValue(x, low, high), position as TensorTree) as X;
}
