/** Streams of images from arrays in `.npz` and safetensors files. */
import type { ArrayFile } from "@ergodic/formats";
import { openNpz, openSafetensors } from "@ergodic/formats/node";
import { fail } from "@ergodic/tensor";
import { arrayPlace, type ArrayPlace } from "./array-place.js";
import { chooseArray } from "./choose-array.js";
import { assertImages, type ImageStream, type PixelOptions } from "./image-batch.js";
import { assertRange, AT_ONCE, batchOf, describeImages, type ImagesShape, type PixelValues } from "./streams.js";

/**
 * Images in an `.npz` file, of bytes, or of floats with a stated range.
 *
 * Arrays are `[count, height, width, channels]`, or `[count, height, width]` of grey images. They
 * are read in pieces, when they are needed.
 *
 * @param path may end in a colon and the array's name, `digits.npz:x_train`
 * @param name default: the name in the path, else the only array, else `arr_0`
 * @throws ValidationError when there is no such array, none was chosen among several, it is no
 *   array of images, or it is stored column by column; during reading, when the file is damaged
 */
export const imagesInNpz = (path: string, name?: string, options?: PixelOptions): Promise<ImageStream> =>
  storedImages(placeOf(path, name), openNpz, "arr_0", options);

/**
 * Images in a safetensors file, as in {@link imagesInNpz}; the usual name is `images`.
 *
 * @throws ValidationError as {@link imagesInNpz}
 */
export const imagesInSafetensors = (path: string, name?: string, options?: PixelOptions): Promise<ImageStream> =>
  storedImages(placeOf(path, name), openSafetensors, "images", options);

const placeOf = (path: string, name: string | undefined): ArrayPlace =>
  name === undefined ? arrayPlace(path) : { path, name };

const floats = ["float16", "bfloat16", "float32", "float64"];

async function storedImages(
  { path, name: wanted }: ArrayPlace,
  open: (path: string) => Promise<ArrayFile>,
  usual: string,
  options: PixelOptions | undefined,
): Promise<ImageStream> {
  const { name, shape, type, pieces } = await chooseArray(await open(path), { path, wanted, usual });
  const what = `${name} in ${path}`;
  if (type !== "uint8" && !floats.includes(type))
    return fail(
      `${what} is ${type} of shape [${shape.join(",")}]`,
      "bytes or floats",
      "choose another array by its name",
    );
  const [count, height, width, channels] = imagesShape(shape, what);
  assertImages({ pixels: { length: count * height * width * channels }, count, height, width, channels });
  if (type !== "uint8") assertRange(options);
  return {
    description: `${describeImages([count, height, width, channels])} (${what})`,
    count,
    quantisation: options?.quantisation ?? "uint8",
    unit: AT_ONCE,
    async *batches(from = 0) {
      let at = 0;
      for await (const part of pieces(AT_ONCE)) {
        const taken = part.length / (height * width * channels);
        if (at >= from) yield batchOf(part as PixelValues, [taken, height, width, channels], options);
        at += taken;
      }
    },
  };
}

/**
 * @throws ValidationError for arrays of no images, arrays of one image, or arrays with channels
 *   first
 */
function imagesShape(shape: readonly number[], what: string): ImagesShape {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const refuse = (remedy: string): never =>
    fail(`${what} has shape [${shape.join(",")}]`, "[count,height,width,channels] or [count,height,width]", remedy);
  if (shape.length !== 3 && shape.length !== 4) refuse("choose another array by its name, or bring it to that shape");
  // A last axis of 3 or 4 on a larger image is rather colours than the width of grey images.
  if (shape.length === 3 && (width === 3 || width === 4) && height > 4) refuse("a single image is array[None]");
  if (channels > 4 && (height === 1 || height === 3))
    refuse("move the channels to the end: numpy.moveaxis(array, 1, -1)");
  return [count, height, width, channels];
}
