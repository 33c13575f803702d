/** Options of all published sets of images. */
import { assertOneOf, assertPositiveInteger } from "@ergodic/tensor";
import { assertScale } from "./images/dataset.js";

export type PublishedImagesOptions = {
  /** Default "train". */
  readonly split?: "train" | "test";
  /** Use the first `limit` examples only. */
  readonly limit?: number;
  /** The values of bytes 0 and 255. Default [-1, 1]. */
  readonly scale?: readonly [number, number];
};

/**
 * Checks the options.
 *
 * @param splits the splits of the set; some sets have more than two
 * @throws ValidationError for a wrong option
 */
export function assertImagesOptions(
  { split = "train", limit, scale }: Omit<PublishedImagesOptions, "split"> & { readonly split?: string },
  splits: readonly string[] = ["train", "test"],
): void {
  assertOneOf({ split }, splits);
  if (limit !== undefined) assertPositiveInteger({ limit });
  if (scale !== undefined) assertScale(scale);
}

/** The options that `imageDataset` takes. */
export const datasetOptions = ({ limit, scale }: Pick<PublishedImagesOptions, "limit" | "scale">) => ({
  ...(limit === undefined ? {} : { limit }),
  ...(scale === undefined ? {} : { scale }),
});

/** One line about a set: its name, the number of images and their size. */
export const describeImages = (name: string, size: number, shape: readonly number[]): string =>
  `${name}: ${size.toLocaleString("en")} images, ${shape.join(" x ")}`;
