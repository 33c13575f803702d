/** Where images differ from others. */
import { fail } from "@ergodic/tensor";
import { imageSize, type ImageArray } from "./image-array.js";

/**
 * The mean absolute difference of the channels of each pixel, as grey pictures.
 *
 * The largest difference of all pictures is 1, white; none is -1, black.
 *
 * @param a images `[n, height, width, channels]`
 * @param b other images of the same shape
 * @returns pictures `[n, height, width, 1]` in [-1, 1]
 * @throws ValidationError when the shapes differ
 */
export function differenceMaps(a: ImageArray, b: ImageArray): ImageArray {
  if (`${a.shape}` !== `${b.shape}`)
    fail(`the images have the shapes [${a.shape.join(",")}] and [${b.shape.join(",")}]`, "equal shapes");
  const [n = 0, height = 0, width = 0, channels = 1] = a.shape;
  const differences = new Float32Array((n * imageSize(a)) / channels);
  for (let i = 0; i < a.images.length; i++)
    differences[Math.floor(i / channels)]! += Math.abs(a.images[i]! - b.images[i]!) / channels;
  const largest = differences.reduce((most, value) => Math.max(most, value), 0);
  const images = differences.map((value) => (largest === 0 ? -1 : (2 * value) / largest - 1));
  return { images, shape: [n, height, width, 1] };
}
