/** Points of the plane scaled, turned and shifted. */
import { assertFinite, assertPositive } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { changed } from "../changed.js";
import type { IndexedSource } from "../dataset.js";
import type { PointBatch } from "./distribution.js";

export type PointMotion = {
  /** Default 1. */
  readonly scale?: number;
  /** Counterclockwise, in degrees. Default 0. */
  readonly turn?: number;
  /** Default [0, 0]. */
  readonly shift?: readonly [number, number];
};

/**
 * The points scale R(turn) p + shift of a source, with their other members.
 *
 * @throws ValidationError for a scale that is not positive, or numbers that are not finite
 */
export function movedPoints<B extends PointBatch>(source: IndexedSource<B>, motion: PointMotion): IndexedSource<B> {
  const { scale = 1, turn = 0, shift = [0, 0] } = motion;
  assertPositive({ scale });
  assertFinite({ turn, "shift[0]": shift[0], "shift[1]": shift[1] });
  const angle = (turn * Math.PI) / 180;
  const [c, s] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const what = `points times ${scale}, turned by ${turn}° and shifted by (${shift.join(", ")}),`;
  return changed(source, what, (batch) => {
    const points = tf.tidy(() => {
      const turned = tf.matMul(batch.points, tf.tensor2d([c, s, -s, c], [2, 2]));
      return tf.add(turned, tf.tensor1d([...shift])) as tf.Tensor2D;
    });
    batch.points.dispose();
    return { ...batch, points };
  });
}
