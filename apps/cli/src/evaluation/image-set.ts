/**
 * Finds the images that the user typed:
 *
 * - the name of a data set
 * - a folder
 * - an `.npz` or safetensors file of images (`file.npz:name` for one of several arrays)
 * - an `.npz` file of statistics
 */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { mnist } from "@ergodic/data/node";
import type { ImageStream } from "@ergodic/evaluation/images";
import { imagesOf } from "@ergodic/evaluation/model";
import {
  arrayPlace,
  imageFolder,
  imagesInNpz,
  imagesInSafetensors,
  loadStatistics,
  type ArrayPlace,
  type ImageReference,
} from "@ergodic/evaluation/node";
import { closestName } from "@ergodic/training";
import { openNpz, sha256OfFile } from "@ergodic/formats/node";
import { CliError } from "../errors.js";

/** Data sets with names. A folder of the same name is written with `./`. */
const datasets = {
  mnist: () => mnist({ split: "train" }),
  "mnist/test": () => mnist({ split: "test" }),
} as const;

export const imageDatasets = Object.keys(datasets) as (keyof typeof datasets)[];

export const isDatasetName = (text: string): text is keyof typeof datasets => Object.hasOwn(datasets, text);

/** Readers of files with one array of images, by extension. */
const arrayFiles: Readonly<Record<string, typeof imagesInNpz>> = {
  ".npz": imagesInNpz,
  ".safetensors": imagesInSafetensors,
};

/** The values of black and white in a file of floats. */
export type PixelRange = readonly [low: number, high: number];

/**
 * The file or folder, and the chosen array in it, if any. If the whole text is an existing path, it
 * is the path.
 */
export const imagePlace = (text: string): ArrayPlace => (existsSync(text) ? { path: text } : arrayPlace(text));

/**
 * @throws CliError when it does not exist
 * @throws ValidationError when it holds no images
 */
export async function imagesAt(text: string, range?: PixelRange): Promise<ImageStream> {
  if (isDatasetName(text)) {
    const data = await datasets[text]().load();
    return imagesOf(data.all(), data.description);
  }
  const { path, name } = imagePlace(text);
  if (!existsSync(path)) {
    const near = closestName(text, imageDatasets);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new CliError(
      `there is no folder, .npz or .safetensors file, or data set "${text}".${hint}  (data sets: ${imageDatasets.join(", ")})`,
    );
  }
  const images = arrayFiles[extname(path).toLowerCase()];
  return images === undefined ? imageFolder(path) : images(path, name, range && { range });
}

/** Images, or the statistics `mu` and `sigma` in an `.npz` file. */
export async function referenceAt(text: string, range?: PixelRange): Promise<ImageReference> {
  const { path, name } = imagePlace(text);
  const kind = extname(path).toLowerCase();
  if (!(kind in arrayFiles) || !existsSync(path)) return { given: text, images: await imagesAt(text, range) };
  const statistics = kind === ".npz" && name === undefined && (await openNpz(path)).names.includes("mu");
  return {
    given: text,
    sha256: await sha256OfFile(path),
    images: statistics ? await loadStatistics(path) : await imagesAt(text, range),
  };
}
