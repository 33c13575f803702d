/** The standard normal law of latents with one layer or many. */
import * as tf from "@tensorflow/tfjs-core";
import type { NoParams } from "@ergodic/nn";
import { assertPositiveInteger, describeValue, fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Latents, StartOptions } from "./latents.js";

/**
 * The shape of one latent: `[8]` for a vector, or a shape for each layer, such as `{ top: [8],
 * bottom: [4, 4, 2] }`.
 */
export type LatentShapes = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** Latents of these shapes: a tensor, or a tensor for each layer. */
export type LatentsOf<S extends LatentShapes> = S extends readonly number[]
  ? tf.Tensor
  : { readonly [Layer in keyof S]: tf.Tensor };

/** The shapes by layer, in order of the tree's leaves. A single shape is a layer without a name. */
function layersOf(shapes: LatentShapes): readonly (readonly [string, readonly number[]])[] {
  const remedy = "for example [8], or { top: [8], bottom: [16] }";
  if (typeof shapes !== "object" || shapes === null) {
    fail(`shapes is ${describeValue(shapes)}`, "a shape, or a shape for each layer", remedy);
  }
  const single = Array.isArray(shapes);
  const layers = single ? [["", shapes] as const] : Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (layers.length === 0) fail("shapes has no layers", "at least one shape", remedy);
  for (const [layer, shape] of layers) {
    const name = single ? "shapes" : `shapes.${layer}`;
    if (!Array.isArray(shape) || shape.length === 0) {
      fail(`${name} is ${describeValue(shape)}`, "a shape with at least one size", "a layer of one number is [1]");
    }
    shape.forEach((size: unknown, axis) => assertPositiveInteger({ [`${name}[${axis}]`]: size }));
  }
  return layers;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * ½|z|², summed over layers: -log N(z; 0, I) without its constant. `z` `[batch, ...]` in each leaf,
 * result `[batch]`.
 */
export function standardNormalEnergy(z: TensorTree): tf.Tensor1D {
  const layers = tree
    .leaves(z)
    .map((leaf) => tf.mul<tf.Tensor1D>(0.5, tf.sum(tf.square(tf.reshape(leaf, [leaf.shape[0]!, -1])), 1)));
  return layers.reduce((sum, layer) => tf.add(sum, layer));
}

/**
 * p0(z) = N(z; 0, I), with layers independent of one another. It has no parameters.
 *
 * A single layer is drawn with the key itself, so a tree of one layer has the numbers of a tensor.
 * The i-th of several layers, in order of their names, is drawn with the i-th key of
 * `random.split`.
 *
 * @param shapes the shape of one latent without the batch axis, or such a shape for each layer.
 * @throws ValidationError for sizes that are not positive integers, an empty shape, or no layers.
 */
export function standardNormal<const S extends LatentShapes>(shapes: S): Latents<NoParams, LatentsOf<S>> {
  const layers = layersOf(shapes);
  const start = (key: Key, n: number, { sd = 1 }: StartOptions = {}): LatentsOf<S> => {
    assertPositiveInteger({ n });
    const keys: readonly Key[] = layers.length === 1 ? [key] : random.split(key, layers.length);
    const drawn = layers.map(([layer, shape], i) => [layer, random.normal(keys[i]!, [n, ...shape], { sd })] as const);
    const z: TensorTree = Array.isArray(shapes) ? drawn[0]![1] : Object.fromEntries(drawn);
    return z as LatentsOf<S>;
  };
  return {
    dimension: layers.reduce((total, [, shape]) => total + sizeOf(shape), 0),
    start,
    draw: (_params, key, n) => start(key, n),
    energy: (_params, z) => standardNormalEnergy(z as TensorTree),
  };
}
