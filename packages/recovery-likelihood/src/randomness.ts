/** The randomness of a draw: a key, or a point between two keys. */
import { random, type Key } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";

/** All normal numbers are those of `key`, or blends of it and `towards.key`. */
export type Randomness = {
  readonly key: Key;
  readonly towards?: {
    readonly key: Key;
    /** θ from 0 (all of `key`) to π/2 (all of `towards`), `[]` or `[batch]`. */
    readonly angle: tf.Tensor;
  };
};

/** The key to draw from, inside a program too. */
export const keyOf = ({ key, towards }: Randomness): Key =>
  towards === undefined ? key : random.blended(key, towards.key, towards.angle);

/** The randomness of the i-th part. */
export const part = ({ key, towards }: Randomness, i: number): Randomness => ({
  key: random.fold(key, i),
  ...(towards && { towards: { ...towards, key: random.fold(towards.key, i) } }),
});
