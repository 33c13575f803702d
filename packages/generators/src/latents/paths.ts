/** Paths through latents whose base law is N(0, I): great circles and traversals. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertInteger, assertPositive, fail, tree, type TensorTree } from "@ergodic/tensor";

/** Below this sine the ends count as lying on one line through the origin. */
const collinear = 1e-3;

/**
 * Great circles from `from` to `to`, `[n, ...]` in each leaf, at `places` equal angles with both
 * ends:
 *
 * `z(t) = (sin((1 - t)Ω) a + sin(tΩ) b)/sin Ω`, with the angle Ω between a and b and t = 0 ... 1.
 *
 * - Ends of one length give a path of that length. Draws of N(0, I) in d dimensions have lengths
 *   near √d, and the middle of a straight line between two of them is shorter by √2.
 * - Each layer follows a circle of its own. Ends on one line through the origin are joined by that
 *   line.
 *
 * White, "Sampling Generative Networks", arXiv 1609.04468.
 *
 * @returns `[n · places, ...]` in each leaf, pair after pair
 * @throws ValidationError for fewer than 2 places, and for trees that differ.
 */
export function greatCircles<Z extends TensorTree>(from: Z, to: Z, places: number): Z {
  assertPlaces(places);
  const t = tf.tensor(
    Float32Array.from({ length: places }, (_, i) => i / (places - 1)),
    [1, places, 1],
  );
  const length = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), 2, true));
  const circle = (first: tf.Tensor, last: tf.Tensor): tf.Tensor => {
    const [n = 0, ...shape] = first.shape;
    const [a, b] = [tf.reshape(first, [n, 1, -1]), tf.reshape(last, [n, 1, -1])];
    const lengths = tf.mul(length(a), length(b));
    const cosine = tf.div(tf.sum(tf.mul(a, b), 2, true), tf.maximum(lengths, 1e-30));
    const angle = tf.acos(tf.clipByValue(cosine, -1, 1));
    const straight = tf.logicalOr(tf.less(tf.sin(angle), collinear), tf.equal(lengths, 0));
    const sine = tf.where(straight, tf.onesLike(angle), tf.sin(angle));
    const weight = (share: tf.Tensor): tf.Tensor =>
      tf.where(straight, share, tf.div(tf.sin(tf.mul(share, angle)), sine));
    const path = tf.add(tf.mul(weight(tf.sub(1, t)), a), tf.mul(weight(t), b));
    return tf.reshape(path, [n * places, ...shape]);
  };
  return tree.zip(circle, from, to);
}

/**
 * One number of a latent: the path of its layer in the tree, "" for a single layer, and its place
 * there.
 */
export interface LatentCoordinate {
  readonly layer: string;
  readonly index: number;
}

/** The coordinates of one latent, layer by layer. `z` is `[n, ...]` in each leaf. */
export function coordinatesOf(z: TensorTree): LatentCoordinate[] {
  const paths = tree.paths(z);
  return tree
    .leaves(z)
    .flatMap(({ size, shape }, i) =>
      Array.from({ length: size / shape[0]! }, (_, index) => ({ layer: paths[i]!, index })),
    );
}

/**
 * One latent with one coordinate at a time moved by -range ... range in equal steps. The others
 * keep their numbers. With an odd number of places the middle one is the latent itself.
 *
 * @param z one latent, `[1, ...]` in each leaf
 * @returns `[coordinates · places, ...]` in each leaf, coordinate after coordinate
 * @throws ValidationError for several latents, fewer than 2 places, or a range that is not
 *   positive.
 */
export function traversals<Z extends TensorTree>(
  z: Z,
  coordinates: readonly LatentCoordinate[],
  { range, places }: { readonly range: number; readonly places: number },
): Z {
  assertPlaces(places);
  assertPositive({ range });
  const { leaves, structure } = tree.flatten(z as TensorTree);
  const paths = tree.paths(z as TensorTree);
  const several = leaves.find(({ shape }) => shape[0] !== 1);
  if (several) fail(`the latent has a layer of shape [${several.shape.join(", ")}]`, "one latent, [1, ...]");
  const moved = leaves.map((leaf, l) => {
    const offsets = new Float32Array(coordinates.length * places * leaf.size);
    coordinates.forEach(({ layer, index }, c) => {
      if (layer !== paths[l]) return;
      for (let p = 0; p < places; p++)
        offsets[(c * places + p) * leaf.size + index] = range * ((2 * p) / (places - 1) - 1);
    });
    return tf.add(leaf, tf.tensor(offsets, [coordinates.length * places, ...leaf.shape.slice(1)]));
  });
  return tree.unflatten(structure, moved) as Z;
}

function assertPlaces(places: number): void {
  assertInteger({ places });
  assertInRange({ places }, { min: 2, max: 1_000_000 });
}
