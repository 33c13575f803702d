/** Larger images without parameters: every pixel repeated, or the image mirrored around its border. */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegativeInteger, assertPositiveInteger } from "@ergodic/tensor";
import { pointwise, type ActivationLayer } from "./activations.js";
import { imageInput } from "./image.js";

/**
 * Every pixel becomes a square of `factor` x `factor` like pixels: input `[batch, height, width, channels]`, output
 * `[batch, factor height, factor width, channels]`. PyTorch's `nn.Upsample`, mode "nearest".
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
 * `size` rows and columns on each side, mirrored at the outermost pixels, which are not repeated: input
 * `[batch, height, width, channels]`, output `[batch, height + 2 size, width + 2 size, channels]`. PyTorch's `nn.ReflectionPad2d`.
 *
 * @throws ValidationError when `size` is not an integer >= 0 or an image has sides of `size` or less.
 */
export function reflectionPad2d({ size }: { readonly size: number }): ActivationLayer {
  assertNonNegativeInteger({ size });
  return pointwise((input) => {
    const image = imageInput("reflectionPad2d", input, size + 1);
    const around: [number, number] = [size, size];
    return size === 0 ? image : tf.mirrorPad(image, [[0, 0], around, around, [0, 0]], "reflect");
  });
}
