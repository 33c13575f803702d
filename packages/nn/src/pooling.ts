/** Pooling: windows of an image, each made one value per channel. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger } from "@ergodic/tensor";
import { pointwise, type ActivationLayer } from "./activations.js";
import { imageInput } from "./image.js";

export interface PoolingOptions {
  /** Side of the square windows. */
  readonly size: number;
  /** From one window to the next; default `size`, so that windows lie side by side. */
  readonly stride?: number;
}

type Pool = (x: tf.Tensor4D, size: number, stride: number, padding: "valid") => tf.Tensor;

function pooling(name: string, pool: Pool, { size, stride = size }: PoolingOptions): ActivationLayer {
  assertPositiveInteger({ size, stride });
  return pointwise((input) => pool(imageInput(name, input, size), size, stride, "valid"));
}

/**
 * The mean of each window. Input `[batch, height, width, channels]`; sides become floor((side - size)/stride) + 1, what is left over
 * at the end is dropped. PyTorch's `nn.AvgPool2d`.
 *
 * @throws ValidationError when a size is not a positive integer or the image is smaller than a window.
 */
export const averagePool2d = (options: PoolingOptions): ActivationLayer =>
  pooling("averagePool2d", tf.avgPool, options);

/**
 * The largest value of each window. Input `[batch, height, width, channels]`; sides become floor((side - size)/stride) + 1, what is
 * left over at the end is dropped. PyTorch's `nn.MaxPool2d`. It has no second derivatives: gradients of gradients refuse it by name.
 *
 * @throws ValidationError when a size is not a positive integer or the image is smaller than a window.
 */
export const maxPool2d = (options: PoolingOptions): ActivationLayer => pooling("maxPool2d", tf.maxPool, options);
