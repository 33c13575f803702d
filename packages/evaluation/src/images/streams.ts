/** Where images come from: arrays in memory, `.npz` and safetensors files, a model's samples. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import type { ArrayFile } from "@ergodic/formats";
import { arrayPlace, type ArrayPlace } from "./array-place.js";
import { chooseArray } from "./choose-array.js";
import { assertImages, pixelsOf, type PixelBatch, type ImageStream, type PixelOptions } from "./image-batch.js";

/** Images handed over at a time. */
const AT_ONCE = 50;

/**
 * Images of one size that are in memory, as bytes in 0..255 or as values of any range.
 *
 * @param shape `[count, height, width, channels]`
 */
export function imageArray(values: PixelValues, shape: ImagesShape, options?: PixelOptions): ImageStream {
  const [count, height, width, channels] = shape;
  assertImages({ pixels: values, count, height, width, channels });
  if (!(values instanceof Uint8Array)) assertRange(options);
  const size = height * width * channels;
  return {
    description: describeImages(shape),
    count,
    quantisation: options?.quantisation ?? "uint8",
    *batches() {
      for (let from = 0; from < count; from += AT_ONCE) {
        const taken = Math.min(AT_ONCE, count - from);
        const part = values.subarray(from * size, (from + taken) * size);
        yield batchOf(part, [taken, height, width, channels], options);
      }
    },
  };
}

type PixelValues = Uint8Array | Float32Array | Float64Array;
type ImagesShape = readonly [count: number, height: number, width: number, channels: number];

const describeImages = ([count, ...size]: readonly number[]): string => `${count} images of ${size.join(" x ")}`;

function assertRange(options: PixelOptions | undefined): void {
  if (options === undefined)
    fail("the images are floats of no stated range", "a range", "say what black and white are, for example -1 and 1");
}

/** Bytes of no stated range are pixels as they are. */
function batchOf(values: PixelValues, shape: ImagesShape, options: PixelOptions | undefined): PixelBatch {
  if (options !== undefined) return pixelsOf(values, shape, options);
  const [count, height, width, channels] = shape;
  return { pixels: values as Uint8Array, count, height, width, channels };
}

/**
 * Images in an `.npz` file, of bytes, or of floats whose range is stated: `[count, height, width, channels]`, or `[count, height, width]`
 * of grey images. They are read as they are needed, however many there are.
 *
 * @param path may end in a colon and the array's name, `digits.npz:x_train`
 * @param name default: what stands in the path, or else the only array, or else `arr_0`
 * @throws ValidationError when there is no such array, none was chosen among several, it is no array of images, or it is stored column by
 * column; when images are read from a damaged file
 */
export const imagesInNpz = (path: string, name?: string, options?: PixelOptions): Promise<ImageStream> =>
  storedImages(
    placeOf(path, name),
    async (file) => (await import("@ergodic/formats/node")).openNpz(file),
    "arr_0",
    options,
  );

/** The same in a safetensors file; the usual name is `images`. @throws ValidationError as {@link imagesInNpz} */
export const imagesInSafetensors = (path: string, name?: string, options?: PixelOptions): Promise<ImageStream> =>
  storedImages(
    placeOf(path, name),
    async (file) => (await import("@ergodic/formats/node")).openSafetensors(file),
    "images",
    options,
  );

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
    async *batches() {
      for await (const part of pieces(AT_ONCE)) {
        const taken = part.length / (height * width * channels);
        yield batchOf(part as PixelValues, [taken, height, width, channels], options);
      }
    },
  };
}

/** @throws ValidationError for what is no array of images, and for arrays that are one image, or have their channels first */
function imagesShape(shape: readonly number[], what: string): ImagesShape {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const refuse = (remedy: string): never =>
    fail(`${what} has shape [${shape.join(",")}]`, "[count,height,width,channels] or [count,height,width]", remedy);
  if (shape.length !== 3 && shape.length !== 4) refuse("choose another array by its name, or bring it to that shape");
  // Grey images 3 or 4 pixels wide that are higher than that: rather the colours of one image.
  if (shape.length === 3 && (width === 3 || width === 4) && height > 4) refuse("a single image is array[None]");
  if (channels > 4 && (height === 1 || height === 3))
    refuse("move the channels to the end: numpy.moveaxis(array, 1, -1)");
  return [count, height, width, channels];
}

export interface GeneratedImages extends PixelOptions {
  readonly count: number;
  readonly description: string;
  /** Values of `size` images, `[size, height, width, channels]` row-major; `index` counts the calls, to derive keys from. */
  sample(size: number, index: number): Promise<{ readonly values: Float32Array; readonly shape: readonly number[] }>;
  /** Images asked for in a call; every call asks for as many, so that one program serves all. Default 50. */
  readonly batchSize?: number;
}

/** A model's samples, made as they are needed; what the last call makes too much is dropped. */
export function generatedImages(options: GeneratedImages): ImageStream {
  const { count, description, sample, batchSize = AT_ONCE, quantisation = "uint8" } = options;
  assertPositiveInteger({ count, batchSize });
  return {
    description,
    count,
    quantisation,
    async *batches() {
      for (let made = 0, index = 0; made < count; made += batchSize, index++) {
        const { values, shape } = await sample(batchSize, index);
        const [size, height, width, channels] = shape as [number, number, number, number];
        if (shape.length !== 4 || size !== batchSize)
          fail(`the model's samples have shape [${shape.join(",")}]`, `[${batchSize},height,width,channels]`);
        const taken = Math.min(batchSize, count - made);
        yield pixelsOf(
          values.subarray(0, taken * height * width * channels),
          [taken, height, width, channels],
          options,
        );
      }
    },
  };
}
