/** Images by what the user typed: a data set's name, a folder of image files, an `.npz` file of images or of statistics. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { mnist, readNpz, sha256 } from "@ergodic/data";
import {
  imageArray,
  imageFolder,
  imagesInNpz,
  loadStatistics,
  type ImageStream,
  type StoredStatistics,
} from "@ergodic/evaluation";
import { closestName } from "@ergodic/training";
import { CliError } from "../errors.js";
import type { ImageArray } from "./plan.js";

/** Data sets whose images can be named; a folder of the same name is written with `./`. */
const datasets = {
  mnist: () => mnist({ split: "train" }),
  "mnist/test": () => mnist({ split: "test" }),
} as const;

export const imageDatasets = Object.keys(datasets) as (keyof typeof datasets)[];

/** What black and white are in an `.npz` file of floats. */
export type PixelRange = readonly [low: number, high: number];

/** Images to compare with, or their statistics. */
export interface ImageReference {
  /** As the user wrote it. */
  readonly given: string;
  /** Of the file, if it is one. */
  readonly sha256?: string;
  readonly images: ImageStream | StoredStatistics;
}

/** @throws CliError when there is no such thing, ValidationError when it holds no images */
export async function imagesAt(text: string, range?: PixelRange): Promise<ImageStream> {
  const named = datasets[text as keyof typeof datasets];
  if (named !== undefined) {
    const data = await named().load();
    return imagesOf(data.all(), data.description);
  }
  if (!existsSync(text)) {
    const near = closestName(text, imageDatasets);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new CliError(
      `there is no folder, .npz file or data set "${text}".${hint}  (data sets: ${imageDatasets.join(", ")})`,
    );
  }
  if (!isNpz(text)) return imageFolder(text);
  return imagesInNpz(text, undefined, range === undefined ? undefined : { range });
}

/** Images, or the statistics `mu` and `sigma` in an `.npz` file. */
export async function referenceAt(text: string, range?: PixelRange): Promise<ImageReference> {
  if (!isNpz(text) || !existsSync(text)) return { given: text, images: await imagesAt(text, range) };
  const { names } = await readNpz(text);
  return {
    given: text,
    sha256: await sha256(await readFile(text)),
    images: names.includes("mu") ? await loadStatistics(text) : await imagesAt(text, range),
  };
}

/** Images of a data set, in [-1, 1]. */
export function imagesOf({ images, shape }: ImageArray, description: string): ImageStream {
  const stream = imageArray(images, shape as [number, number, number, number], { range: [-1, 1] });
  return { ...stream, description };
}

const isNpz = (path: string): boolean => path.toLowerCase().endsWith(".npz");
