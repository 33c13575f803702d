/** Where images come from: arrays in memory, `.npz` files, a model's samples, folders of image files. */
import { readNpz } from "@ergodic/data";
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { assertImages, pixelsOf, type ImageBatch, type ImageStream, type PixelOptions } from "./image-batch.js";

/** Images handed over at a time. */
const AT_ONCE = 50;

/**
 * Images of one size that are in memory, as bytes in 0..255 or as values of any range.
 *
 * @param shape `[count, height, width, channels]`
 */
export function imageArray(
  values: Uint8Array | Float32Array | Float64Array,
  shape: readonly [number, number, number, number],
  options?: PixelOptions,
): ImageStream {
  const [count, height, width, channels] = shape;
  assertImages({ pixels: values, count, height, width, channels });
  if (!(values instanceof Uint8Array) && options === undefined)
    fail("the images are floats of no stated range", "a range", "say what black and white are, for example -1 and 1");
  const size = height * width * channels;
  return {
    description: `${count} images of ${height} x ${width} x ${channels}`,
    count,
    quantisation: options?.quantisation ?? "uint8",
    *batches() {
      for (let from = 0; from < count; from += AT_ONCE) {
        const taken = Math.min(AT_ONCE, count - from);
        const part = values.subarray(from * size, (from + taken) * size);
        yield options === undefined
          ? { pixels: part as Uint8Array, count: taken, height, width, channels }
          : pixelsOf(part, [taken, height, width, channels], options);
      }
    },
  };
}

/**
 * Images in an `.npz` file: the array `name` (default: `arr_0`, or the only one), `[count, height, width, channels]`, of bytes,
 * or of floats whose range is stated.
 *
 * @throws ValidationError when there is no such array, or it is no array of images
 */
export async function imagesInNpz(path: string, name?: string, options?: PixelOptions): Promise<ImageStream> {
  const archive = await readNpz(path);
  const chosen = name ?? (archive.names.length === 1 ? archive.names[0]! : "arr_0");
  const { shape, values } = await archive.array(chosen);
  const numeric = values instanceof Uint8Array || values instanceof Float32Array || values instanceof Float64Array;
  if (shape.length !== 4 || !numeric)
    return fail(`${chosen} in ${path} has shape [${shape.join(",")}]`, "bytes or floats [count,height,width,channels]");
  const images = imageArray(values, shape as unknown as [number, number, number, number], options);
  return { ...images, description: `${images.description} (${chosen} in ${path})` };
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

const IMAGE_FILE = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;

/**
 * The image files of a folder and the folders in it, in the order of their names, each of its own size; transparency is
 * dropped. JPEG's losses change scores much: compare PNG files.
 *
 * @throws ValidationError when there are none, or a file is no image
 */
export async function imageFolder(folder: string): Promise<ImageStream> {
  const { readdir } = await import("node:fs/promises");
  const { join } = await import("node:path");
  const entries = await readdir(folder, { recursive: true }).catch(() =>
    fail(`${folder} cannot be read`, "a folder of images", "check the path"),
  );
  const files = entries.filter((name) => IMAGE_FILE.test(name)).sort();
  if (files.length === 0)
    fail(`${folder} holds no images`, "PNG, JPEG, WebP, GIF, TIFF or AVIF files", "check the path");
  return {
    description: `${files.length} image files in ${folder}`,
    count: files.length,
    quantisation: "uint8",
    async *batches() {
      for (const file of files) yield await readImage(join(folder, file));
    },
  };
}

async function readImage(path: string): Promise<ImageBatch> {
  const { default: sharp } = await import("sharp");
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) =>
      fail(`${path} cannot be read (${String(error)})`, "an image", "remove or replace the file"),
    );
  return { pixels: new Uint8Array(data), count: 1, height: info.height, width: info.width, channels: info.channels };
}
