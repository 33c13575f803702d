/** Encoded pictures in Parquet files as training data: squares of one size, decoded once. */
import { assertFitsMemory, fail } from "@ergodic/tensor";
import type { IndexedSource } from "../dataset.js";
import {
  imageDataset,
  type ImageBatch,
  type ImageDataset,
  type LabelledImageBatch,
  type LabelledImageDataset,
} from "../images/dataset.js";
import { decodeImage } from "../images/decoding/decode-image.js";
import { remarks, type FileReport, type Reduction } from "../images/files/remarks.js";
import {
  assertPictureOptions,
  bytesOfSquare,
  pictureSettings,
  squareSettings,
  type PictureOptions,
  type WithSettings,
} from "../images/picture-options.js";
import { cachedPixels, cacheFile, type CachedPixels } from "../images/pixel-cache.js";
import { counted, squaresOf, type SquareSettings } from "../images/squares.js";
import { classesIn } from "./classes.js";
import { classColumn, pictureColumn } from "./column-type.js";
import { assertParquetFiles, findParquetFiles, type ParquetFilesOptions } from "./files.js";
import { describeRows, rowCount } from "./row-count.js";
import { openParquet, type ParquetTable } from "./table.js";

export type ParquetImagesOptions = ParquetFilesOptions &
  PictureOptions & {
    /**
     * The column of encoded pictures: bytes, or the struct `{ bytes, path }` of the Hugging Face
     * Hub. Default "image".
     */
    readonly column?: string;
  };

export type WithRows = WithSettings & {
  /** By reason, pictures of which not everything was taken. */
  readonly reduced: FileReport["reduced"];
};

/**
 * The pictures of a column as a data source, in the order of the rows.
 *
 * Batches are `{ images: [batch, size, size, 3 or 1] in scale }`. With `labels`, a column of texts
 * or whole numbers, they also have `{ labels: [batch] }`. Whole numbers are the labels themselves;
 * their classes have names if the file has them. Texts are classes in the order of their names.
 *
 * @throws ValidationError at once for a wrong option; from `load` when `hyparquet` is not
 * installed, a file or column is missing, a file or picture is damaged, a value is missing, a
 * picture is smaller than a window, or the pixels do not fit the memory
 */
export function parquetImages(
  options: ParquetImagesOptions & { readonly labels: string },
): IndexedSource<LabelledImageBatch, LabelledImageDataset & WithRows>;
export function parquetImages(options: ParquetImagesOptions): IndexedSource<ImageBatch, ImageDataset & WithRows>;
export function parquetImages(
  options: ParquetImagesOptions & { readonly labels?: string },
): IndexedSource<ImageBatch, ImageDataset & WithRows> {
  assertParquetFiles(options);
  assertPictureOptions(options);
  const { from, size, scale, limit, labels, cache, onProgress, column = "image" } = options;
  const settings = squareSettings(options);
  return {
    async load() {
      const files = await findParquetFiles(options);
      const table = await openParquet(files, {
        [column]: pictureColumn,
        ...(labels === undefined ? {} : { [labels]: classColumn }),
      });
      const count = rowCount(table.size, limit);
      assertFitsMemory("the pixels", [count, size, size, settings.channels], 1);
      const known = labels === undefined ? {} : await classesIn(table, labels, count);
      const path =
        cache === undefined
          ? undefined
          : await cacheFile(cache, files.folder, files.names, settings, "parquet", column, count);
      const { pixels, reduced } = await cachedPixels(path, count * bytesOfSquare(settings), () =>
        pixelsIn(table, column, settings, { count, onDone: counted(count, onProgress) }),
      );
      const dataset = imageDataset({
        description: `pictures in ${describeRows(count, from)}, ${size} x ${size} x ${settings.channels}`,
        bytes: pixels,
        imageShape: [size, size, settings.channels],
        ...known,
        ...(scale && { scale }),
      });
      return { ...dataset, reduced, pictures: pictureSettings(options) };
    },
  };
}

async function pixelsIn(
  table: ParquetTable<string>,
  column: string,
  settings: SquareSettings,
  { count, onDone }: { readonly count: number; readonly onDone: (() => void) | undefined },
): Promise<CachedPixels> {
  const pixels = new Uint8Array(count * bytesOfSquare(settings));
  const reduced = remarks<Reduction>();
  let next = 0;
  for await (const group of table.read([column], count)) {
    const names = Array.from({ length: group.count }, (_, place) => group.where(place));
    const read = async (place: number) => {
      const image = await decodeImage(encodedBytes(group.values[column]![place], names[place]!, column), names[place]!);
      for (const reduction of image.reduced) reduced.add(reduction, names[place]!);
      return image;
    };
    const part = await squaresOf(names, read, settings, onDone);
    pixels.set(part, next);
    next += part.length;
  }
  return { pixels, reduced: reduced.report() };
}

function encodedBytes(value: unknown, where: string, column: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const { bytes, path } = value as { readonly bytes?: unknown; readonly path?: unknown };
  if (bytes instanceof Uint8Array) return bytes;
  return fail(
    `${where} has ${typeof path === "string" ? `the path ${path} and ` : ""}no bytes of a picture`,
    `encoded bytes in the column ${column}`,
    "write the files' contents into the data set",
  );
}
