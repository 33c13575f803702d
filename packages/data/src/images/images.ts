/** Folders of pictures as training data: squares of one size, decoded once. */
import { assertFitsMemory, assertInRange, assertOneOf, fail } from "@ergodic/tensor";
import type { IndexedSource } from "../dataset.js";
import { labelsOf } from "../labels.js";
import {
  imageDataset,
  type ImageBatch,
  type ImageDataset,
  type LabelledImageBatch,
  type LabelledImageDataset,
} from "./dataset.js";
import type { FileReport } from "./files/remarks.js";
import { openImageFolder, type ImageFolder } from "./folder.js";
import { assertSplit, splitOf, type NameSplitOptions } from "./name-split.js";
import {
  assertFolder,
  assertPictureOptions,
  bytesOfSquare,
  pictureSettings,
  squareSettings,
  type PictureOptions,
  type WithSettings,
} from "./picture-options.js";
import { cachedPixels, cacheFile, type CachedPixels } from "./pixel-cache.js";
import { counted, squaresOf, type SquareSettings } from "./squares.js";

export type ImagesOptions = PictureOptions &
  NameSplitOptions & {
    /**
     * A folder of PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP, PBM, PGM or PPM files, with subfolders.
     */
    readonly from: string;
  };

export type WithFiles = WithSettings & {
  /** The path of each example within the folder, with `/`. */
  readonly names: readonly string[];
  /** What the data set leaves out of the folder, and why. */
  readonly files: FileReport;
};

/**
 * The pictures of a folder as a data source, in the order of their names.
 *
 * Batches are `{ images: [batch, size, size, 3 or 1] in scale }`. With `labels: "folders"` they
 * also have `{ labels: [batch] }`: each folder directly in `from` is a class, in the order of their
 * names.
 *
 * @throws ValidationError at once for a wrong option; from `load` if there are no pictures, one is
 * damaged, smaller than a window, or outside all folders although folders are the labels, or the
 * pixels do not fit the memory
 */
export function images(
  options: ImagesOptions & { readonly labels: "folders" },
): IndexedSource<LabelledImageBatch, LabelledImageDataset & WithFiles>;
export function images(options: ImagesOptions): IndexedSource<ImageBatch, ImageDataset & WithFiles>;
export function images(
  options: ImagesOptions & { readonly labels?: "folders" },
): IndexedSource<ImageBatch, ImageDataset & WithFiles> {
  assertFolder({ from: options.from });
  assertPictureOptions(options);
  assertSplit(options);
  const { from, size, scale, limit, labels, split } = options;
  if (labels !== undefined) assertOneOf({ labels }, ["folders"]);
  const settings = squareSettings(options);
  return {
    async load() {
      const folder = await openImageFolder(from);
      const among = splitOf(folder.files, options, from);
      if (limit !== undefined) assertInRange({ limit }, { max: among.length }, `there are ${among.length} pictures`);
      const files = among.slice(0, limit);
      assertFitsMemory("the pixels", [files.length, size, size, settings.channels], 1);
      const ownClass = (file: string): string => classOf(file, from);
      const known = labels === undefined ? {} : labelsOf(files.map(ownClass), folder.files.map(ownClass));
      const { pixels, reduced } = await pixelsIn(folder, files, settings, options);
      const dataset = imageDataset({
        description: `${files.length.toLocaleString("en")} ${split === undefined ? "" : `${split} `}pictures in ${from}, ${size} x ${size} x ${settings.channels}`,
        bytes: pixels,
        imageShape: [size, size, settings.channels],
        ...known,
        ...(scale && { scale }),
      });
      return {
        ...dataset,
        names: files,
        files: { ...folder.report(), reduced },
        pictures: pictureSettings(options),
      };
    },
  };
}

async function pixelsIn(
  folder: ImageFolder,
  files: readonly string[],
  settings: SquareSettings,
  { from, cache, onProgress }: ImagesOptions,
): Promise<CachedPixels> {
  const path = cache === undefined ? undefined : await cacheFile(cache, from, files, settings);
  return cachedPixels(path, files.length * bytesOfSquare(settings), async () => {
    const read = (place: number) => folder.read(files[place]!);
    const pixels = await squaresOf(files, read, settings, counted(files.length, onProgress));
    return { pixels, reduced: folder.report().reduced };
  });
}

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
