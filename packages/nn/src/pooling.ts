/** Pooling: each window of an image becomes one value per channel. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger } from "@ergodic/tensor";
import { pointwise, type ActivationLayer } from "./activations.js";
import { imageInput } from "./image.js";

export interface PoolingOptions {
  /** Side of the square windows. */
  readonly size: number;
  /** Distance from one window to the next. Default `size`, which puts windows side by side. */
  readonly stride?: number;
}

type Pool = (x: tf.Tensor4D, size: number, stride: number, padding: "valid") => tf.Tensor;

function pooling(name: string, pool: Pool, { size, stride = size }: PoolingOptions): ActivationLayer {
  assertPositiveInteger({ size, stride });
  return pointwise((input) => pool(imageInput(name, input, size), size, stride, "valid"));
}

/**
 * The mean of each window, as PyTorch's `nn.AvgPool2d`.
 *
 * Input `[batch, height, width, channels]`. Sides become floor((side - size)/stride) + 1. Rows and
 * columns left over at the end are dropped.
 *
 * @throws ValidationError when a size is not a positive integer or the image is smaller than a
 *   window.
 */
export const averagePool2d = (options: PoolingOptions): ActivationLayer =>
  pooling("averagePool2d", tf.avgPool, options);

/**
 * The largest value of each window, as PyTorch's `nn.MaxPool2d`.
 *
 * Input `[batch, height, width, channels]`. Sides become floor((side - size)/stride) + 1. Rows and
 * columns left over at the end are dropped. There are no second derivatives: gradients of gradients
 * refuse the layer by name.
 *
 * @throws ValidationError when a size is not a positive integer or the image is smaller than a
 *   window.
 */
export const maxPool2d = (options: PoolingOptions): ActivationLayer => pooling("maxPool2d", tf.maxPool, options);
