/** Inference of latents of several layers, from the bottom up. */
import * as tf from "@tensorflow/tfjs-core";
import { learningOfPart, refreshed, type Layer, type Learning } from "@ergodic/nn";
import { assertNonNegative, random, type TensorTree } from "@ergodic/tensor";
import { layerName, layerShapes, type LayeredLatents } from "../latents/gaussian-hierarchy.js";
import {
  assertNetworks,
  defaultFloor,
  fromNoise,
  normalEnergy,
  normalLaw,
  type NormalLaw,
} from "../latents/normal-law.js";
import { standardNormal } from "../latents/standard-normal.js";
import type { InferenceModel } from "./inference-model.js";

export interface LayeredInferenceOptions<X extends TensorTree> {
  /** Numbers in z1, ..., zL. */
  readonly dimensions: readonly number[];
  /** From the observation to the law of z1: `[batch, 2d]`, mean and log sd of its d numbers. */
  readonly first: Layer<TensorTree, X>;
  /** The i-th of L - 1 networks, from 0, gives the law of z(i+2) from z(i+1). */
  readonly upward: readonly Layer<TensorTree>[];
  /** Added to every standard deviation. Default 0.01. */
  readonly floor?: number;
}

/** The parameters of the networks, first to last. */
export type LayeredInferenceParams = readonly TensorTree[];

/**
 * q(z | x) = q(z1 | x) Π q(z(i+1) | zi), diagonal normal laws with σ = exp(s) + floor.
 *
 * Cui, Wu, Han, "Learning Joint Latent Space EBM Prior Model for Multi-layer Generator", arXiv
 * 2306.06323.
 *
 * @throws ValidationError for sizes that are not positive integers, a number of networks other than
 *   L - 1, or a negative floor; at the first use when a network's output has another shape.
 */
export function layeredInference<X extends TensorTree = tf.Tensor>(
  options: LayeredInferenceOptions<X>,
): InferenceModel<LayeredInferenceParams, X, LayeredLatents> {
  const { dimensions, first, upward, floor = defaultFloor } = options;
  assertNetworks("upward", upward, dimensions.length - 1, "one for each layer above the first");
  assertNonNegative({ floor });
  const noise = standardNormal(layerShapes(dimensions));

  const firstLaw = (params: LayeredInferenceParams, x: X, learning?: Learning): NormalLaw =>
    normalLaw(first.apply(params[0]!, x, learningOfPart(learning, 0)), dimensions[0]!, floor, "first");
  /** The law of layer i > 0 given the layer below. */
  const upwardLaw = (params: LayeredInferenceParams, i: number, below: tf.Tensor, learning?: Learning): NormalLaw =>
    normalLaw(
      upward[i - 1]!.apply(params[i]!, below, learningOfPart(learning, i)),
      dimensions[i]!,
      floor,
      `upward[${i - 1}]`,
    );

  const model: InferenceModel<LayeredInferenceParams, X, LayeredLatents> = {
    init: (key) => [first, ...upward].map((network, i) => network.init(random.fold(key, i))),
    draw(params, x, key, learning) {
      const law = firstLaw(params, x, learning);
      const noises: LayeredLatents = noise.start(key, law.mean.shape[0]!);
      let z = fromNoise(law, noises[layerName(0)]!);
      const layers = [z];
      for (let i = 1; i < dimensions.length; i++) {
        z = fromNoise(upwardLaw(params, i, z, learning), noises[layerName(i)]!);
        layers.push(z);
      }
      return Object.fromEntries(layers.map((leaf, i) => [layerName(i), leaf]));
    },
    energy: (params, z, x, learning) =>
      upward.reduce<tf.Tensor1D>(
        (sum, _, i) =>
          tf.add(sum, normalEnergy(upwardLaw(params, i + 1, z[layerName(i)]!, learning), z[layerName(i + 1)]!)),
        normalEnergy(firstLaw(params, x, learning), z[layerName(0)]!),
      ),
  };
  if ([first, ...upward].every((network) => network.refresh === undefined)) return model;
  return {
    ...model,
    refresh: ([bottom, ...rest], { x, z }) => [
      refreshed(first, bottom!, x),
      ...upward.map((network, i) => refreshed(network, rest[i]!, z[layerName(i)]!)),
    ],
  };
}
