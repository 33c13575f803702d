/** Latents of several layers, each normal given the layer above it. */
import * as tf from "@tensorflow/tfjs-core";
import { learningOfPart, refreshed, type Layer, type Learning } from "@ergodic/nn";
import { assertNonNegative, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { Latents } from "./latents.js";
import {
  assertNetworks,
  defaultFloor,
  fromNoise,
  normalEnergy,
  normalLaw,
  toNoise,
  type NormalLaw,
} from "./normal-law.js";
import { standardNormal, standardNormalEnergy } from "./standard-normal.js";

/** z1, which the generator reads, to zL, the top; each `[batch, d]`. */
export type LayeredLatents = Readonly<Record<`z${number}`, tf.Tensor>>;

export interface GaussianHierarchyOptions {
  /** Numbers in z1, ..., zL. */
  readonly dimensions: readonly number[];
  /**
   * The i-th of L - 1 networks, from 0, gives the law of z(i+1) from z(i+2): `[batch, 2d]`, mean
   * and log sd of its d numbers.
   */
  readonly conditionals: readonly Layer<TensorTree>[];
  /** Added to every standard deviation. Default 0.01. */
  readonly floor?: number;
}

/** The base law of a hierarchy, which is also a map from standard normal noise. */
export interface GaussianHierarchy extends Latents<readonly TensorTree[], LayeredLatents> {
  readonly layers: readonly `z${number}`[];
  init(key: Key): readonly TensorTree[];
  /** T(ε): zL = εL and zi = μi(z(i+1)) + σi(z(i+1)) εi, with the Jacobian Π σi. */
  fromNoise(params: readonly TensorTree[], noise: LayeredLatents): LayeredLatents;
  /** T⁻¹(z): εL = zL and εi = (zi - μi(z(i+1)))/σi(z(i+1)). */
  toNoise(params: readonly TensorTree[], z: LayeredLatents): LayeredLatents;
}

/** The name of the i-th layer from 0: z1, z2, ... */
export const layerName = (i: number): `z${number}` => `z${i + 1}`;

/** The shapes of layers z1, ..., zL. */
export const layerShapes = (dimensions: readonly number[]): Readonly<Record<`z${number}`, readonly number[]>> =>
  Object.fromEntries(dimensions.map((d, i) => [layerName(i), [d]]));

/**
 * p0(z) = N(zL; 0, I) Π N(zi; μi(z(i+1)), diag σi(z(i+1))²), with σ = exp(s) + floor of a network's
 * output (μ, s).
 *
 * The energy of z leaves out the constant (d/2) log 2π of each layer. Parameters are the list of
 * those of the conditionals.
 *
 * Cui, Wu, Han, "Learning Joint Latent Space EBM Prior Model for Multi-layer Generator", arXiv
 * 2306.06323.
 *
 * @throws ValidationError for sizes that are not positive integers, a number of networks other than
 *   L - 1, or a negative floor; at the first use when a network's output has another shape.
 */
export function gaussianHierarchy(options: GaussianHierarchyOptions): GaussianHierarchy {
  const { dimensions, conditionals, floor = defaultFloor } = options;
  assertNetworks("conditionals", conditionals, dimensions.length - 1, "one for each layer below the top");
  assertNonNegative({ floor });
  const top = dimensions.length - 1;
  const { dimension, start } = standardNormal(layerShapes(dimensions));

  /** The law of layer i given the layer above. */
  const lawOf = (i: number, params: readonly TensorTree[], above: tf.Tensor, learning?: Learning): NormalLaw =>
    normalLaw(
      conditionals[i]!.apply(params[i]!, above, learningOfPart(learning, i)),
      dimensions[i]!,
      floor,
      `conditionals[${i}]`,
    );

  const transported: GaussianHierarchy["fromNoise"] = (params, noise) => {
    const placed: Record<string, tf.Tensor> = { ...noise };
    for (let i = top - 1; i >= 0; i--)
      placed[layerName(i)] = fromNoise(lawOf(i, params, placed[layerName(i + 1)]!), noise[layerName(i)]!);
    return placed;
  };

  const hierarchy: GaussianHierarchy = {
    dimension,
    layers: dimensions.map((_, i) => layerName(i)),
    start,
    init: (key) => conditionals.map((network, i) => network.init(random.fold(key, i))),
    draw: (params, key, n) => transported(params, start(key, n)),
    energy: (params, z, learning) =>
      conditionals.reduce<tf.Tensor1D>(
        (sum, _, i) => tf.add(sum, normalEnergy(lawOf(i, params, z[layerName(i + 1)]!, learning), z[layerName(i)]!)),
        standardNormalEnergy(z[layerName(top)]!),
      ),
    fromNoise: transported,
    toNoise: (params, z) => ({
      ...z,
      ...Object.fromEntries(
        conditionals.map((_, i) => [layerName(i), toNoise(lawOf(i, params, z[layerName(i + 1)]!), z[layerName(i)]!)]),
      ),
    }),
  };
  if (conditionals.every((network) => network.refresh === undefined)) return hierarchy;
  return {
    ...hierarchy,
    refresh: (params, z) => conditionals.map((network, i) => refreshed(network, params[i]!, z[layerName(i + 1)]!)),
  };
}
