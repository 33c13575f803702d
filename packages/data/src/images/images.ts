/** Folders of pictures as training data: squares of one size, decoded once. */
import {
  assertFitsMemory,
  assertInRange,
  assertOneOf,
  assertPositiveInteger,
  describeValue,
  fail,
} from "@ergodic/tensor";
import type { IndexedSource } from "../dataset.js";
import { labelsOf } from "../labels.js";
import { assertCrop, type Crop } from "./crop.js";
import {
  assertScale,
  imageDataset,
  type ImageBatch,
  type ImageDataset,
  type LabelledImageBatch,
  type LabelledImageDataset,
} from "./dataset.js";
import type { FileReport } from "./files/remarks.js";
import { openImageFolder, type ImageFolder } from "./folder.js";
import { cacheFile, readCache, writeCache, type CachedPixels } from "./pixel-cache.js";
import { squaresOf, type DecodingProgress, type SquareSettings } from "./squares.js";

export type ImagesOptions = {
  /** A folder of PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP, PBM, PGM or PPM files, and the folders in it. */
  readonly from: string;
  /** Height and width of every image. */
  readonly size: number;
  /** Which part of a picture is taken. Default "center". */
  readonly crop?: Crop;
  /** One channel instead of three. Default false. */
  readonly grey?: boolean;
  /** What bytes 0 and 255 become. Default [-1, 1]. */
  readonly scale?: readonly [number, number];
  /** Use the first `limit` pictures by name only. */
  readonly limit?: number;
  /** A folder to keep decoded pixels in, in a file for each set of pictures and settings. Default: they are decoded at every load. */
  readonly cache?: string;
  /** Called for each picture that is decoded. */
  readonly onProgress?: (progress: DecodingProgress) => void;
};

export type WithFiles = {
  /** The path within the folder, with `/`, of each example. */
  readonly names: readonly string[];
  /** What of the folder is not in the data set, and why. */
  readonly files: FileReport;
};

/**
 * The pictures of a folder as a data source: batches `{ images: [batch, size, size, 3 or 1] in scale }`; with `labels: "folders"` also
 * `{ labels: [batch] }`, where each folder directly in `from` is a class, in the order of their names.
 *
 * @throws ValidationError at once for a wrong option; from `load` if there are no pictures, one is damaged, smaller than a window or in no
 * folder although folders are the labels, or their pixels do not fit the memory
 */
export function images(
  options: ImagesOptions & { readonly labels: "folders" },
): IndexedSource<LabelledImageBatch, LabelledImageDataset & WithFiles>;
export function images(options: ImagesOptions): IndexedSource<ImageBatch, ImageDataset & WithFiles>;
export function images(
  options: ImagesOptions & { readonly labels?: "folders" },
): IndexedSource<ImageBatch, ImageDataset & WithFiles> {
  assertOptions(options);
  const { from, size, crop = "center", grey = false, scale, limit, labels } = options;
  const settings: SquareSettings = { size, crop, channels: grey ? 1 : 3 };
  return {
    async load() {
      const folder = await openImageFolder(from);
      if (limit !== undefined)
        assertInRange({ limit }, { max: folder.files.length }, `there are ${folder.files.length} pictures`);
      const files = folder.files.slice(0, limit);
      assertFitsMemory("the pixels", [files.length, size, size, settings.channels], 1);
      const known = labels === undefined ? {} : labelsOf(files.map((file) => classOf(file, from)));
      const { pixels, reduced } = await pixelsIn(folder, files, settings, options);
      const dataset = imageDataset({
        description: `${files.length.toLocaleString("en")} pictures in ${from}, ${size} x ${size} x ${settings.channels}`,
        bytes: pixels,
        imageShape: [size, size, settings.channels],
        ...known,
        ...(scale && { scale }),
      });
      return { ...dataset, names: files, files: { ...folder.report(), reduced } };
    },
  };
}

function assertOptions({
  from,
  size,
  crop,
  scale,
  limit,
  cache,
  ...options
}: ImagesOptions & { labels?: "folders" }): void {
  assertPath({ from });
  assertPositiveInteger({ size });
  if (crop !== undefined) assertCrop(crop);
  if (scale !== undefined) assertScale(scale);
  if (limit !== undefined) assertPositiveInteger({ limit });
  if (cache !== undefined) assertPath({ cache });
  if (options.labels !== undefined) assertOneOf({ labels: options.labels }, ["folders"]);
}

function assertPath(paths: Readonly<Record<string, unknown>>): void {
  for (const [name, path] of Object.entries(paths))
    if (typeof path !== "string" || path === "") fail(`${name} is ${describeValue(path)}`, "the path of a folder");
}

async function pixelsIn(
  folder: ImageFolder,
  files: readonly string[],
  settings: SquareSettings,
  { from, cache, onProgress }: ImagesOptions,
): Promise<CachedPixels> {
  const path = cache === undefined ? undefined : await cacheFile(cache, from, files, settings);
  const known = path === undefined ? undefined : await readCache(path, files.length * lengthOf(settings));
  if (known !== undefined) return known;
  const pixels = await squaresOf(folder, files, settings, onProgress);
  const made = { pixels, reduced: folder.report().reduced };
  if (path !== undefined) await writeCache(path, made);
  return made;
}

const lengthOf = ({ size, channels }: SquareSettings): number => size * size * channels;

function classOf(file: string, folder: string): string {
  const end = file.indexOf("/");
  if (end < 0)
    fail(
      `${file} lies directly in ${folder}`,
      "every picture in a folder that is its class",
      "move it, or leave labels out",
    );
  return file.slice(0, end);
}
