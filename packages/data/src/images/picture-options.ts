/** How encoded pictures become images of one size, wherever they are stored. */
import { assertPositiveInteger, describeValue, fail } from "@ergodic/tensor";
import { assertCrop, type Crop } from "./crop.js";
import { assertScale } from "./dataset.js";
import type { DecodingProgress, SquareSettings } from "./squares.js";

export type PictureOptions = {
  /** Height and width of every image. */
  readonly size: number;
  /** Which part of a picture is taken. Default "center". */
  readonly crop?: Crop;
  /** One channel instead of three. Default false. */
  readonly grey?: boolean;
  /** The values of bytes 0 and 255. Default [-1, 1]. */
  readonly scale?: readonly [number, number];
  /** Use the first `limit` pictures only. */
  readonly limit?: number;
  /**
   * A folder for decoded pixels, with a file for each set of pictures and settings. Default:
   * pictures are decoded at every load.
   */
  readonly cache?: string;
  /** Called for each picture that is decoded. */
  readonly onProgress?: (progress: DecodingProgress) => void;
};

/** The options that decide the values of an image. */
export type PictureSettings = Pick<PictureOptions, "size" | "crop" | "grey" | "scale">;

export type WithSettings = {
  /** How the pictures became images. Other pictures become images alike with the same settings. */
  readonly pictures: PictureSettings;
};

export const pictureSettings = ({ size, crop, grey, scale }: PictureOptions): PictureSettings => ({
  size,
  ...(crop && { crop }),
  ...(grey && { grey }),
  ...(scale && { scale }),
});

/** @throws ValidationError for a wrong option */
export function assertPictureOptions({ size, crop, scale, limit, cache }: PictureOptions): void {
  assertPositiveInteger({ size });
  if (crop !== undefined) assertCrop(crop);
  if (scale !== undefined) assertScale(scale);
  if (limit !== undefined) assertPositiveInteger({ limit });
  if (cache !== undefined) assertFolder({ cache });
}

/** @throws ValidationError unless each is the path of a folder */
export function assertFolder(paths: Readonly<Record<string, unknown>>): void {
  for (const [name, path] of Object.entries(paths))
    if (typeof path !== "string" || path === "") fail(`${name} is ${describeValue(path)}`, "the path of a folder");
}

export const squareSettings = ({ size, crop = "center", grey = false }: PictureOptions): SquareSettings => ({
  size,
  crop,
  channels: grey ? 1 : 3,
});

/** Bytes of one image. */
export const bytesOfSquare = ({ size, channels }: SquareSettings): number => size * size * channels;
