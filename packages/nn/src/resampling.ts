/** Larger images without parameters: repeated pixels, or the image mirrored at its border. */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegativeInteger, assertPositiveInteger } from "@ergodic/tensor";
import { pointwise, type ActivationLayer } from "./activations.js";
import { imageInput } from "./image.js";

/**
 * Repeats each pixel as a square of `factor` x `factor` pixels, as PyTorch's `nn.Upsample` with
 * mode "nearest".
 *
 * Input `[batch, height, width, channels]`, output `[batch, factor height, factor width,
 * channels]`.
 *
 * @throws ValidationError when `factor` is not a positive integer.
 */
export function upsample2d({ factor }: { readonly factor: number }): ActivationLayer {
  assertPositiveInteger({ factor });
  return pointwise((input) => {
    const image = imageInput("upsample2d", input);
    const [, height, width] = image.shape;
    return tf.image.resizeNearestNeighbor(image, [factor * height, factor * width]);
  });
}

/**
 * Adds `size` mirrored rows and columns on each side, as PyTorch's `nn.ReflectionPad2d`. The
 * outermost pixels are the mirror and are not repeated.
 *
 * Input `[batch, height, width, channels]`, output `[batch, height + 2 size, width + 2 size,
 * channels]`.
 *
 * @throws ValidationError when `size` is not an integer >= 0 or an image has sides of `size` or
 *   less.
 */
export function reflectionPad2d({ size }: { readonly size: number }): ActivationLayer {
  assertNonNegativeInteger({ size });
  return pointwise((input) => {
    const image = imageInput("reflectionPad2d", input, size + 1);
    const around: [number, number] = [size, size];
    return size === 0 ? image : tf.mirrorPad(image, [[0, 0], around, around, [0, 0]], "reflect");
  });
}
