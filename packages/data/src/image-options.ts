/** What all published sets of images are asked for with. */
import { assertOneOf, assertPositiveInteger } from "@ergodic/tensor";
import { assertScale } from "./images/dataset.js";

export type PublishedImagesOptions = {
  /** Default "train". */
  readonly split?: "train" | "test";
  /** Use the first `limit` examples only. */
  readonly limit?: number;
  /** What bytes 0 and 255 become. Default [-1, 1]. */
  readonly scale?: readonly [number, number];
};

/** @throws ValidationError for a wrong option; splits may be more than two */
export function assertImagesOptions(
  { split = "train", limit, scale }: Omit<PublishedImagesOptions, "split"> & { readonly split?: string },
  splits: readonly string[] = ["train", "test"],
): void {
  assertOneOf({ split }, splits);
  if (limit !== undefined) assertPositiveInteger({ limit });
  if (scale !== undefined) assertScale(scale);
}

/** Those of the options that `imageDataset` takes. */
export const datasetOptions = ({ limit, scale }: Pick<PublishedImagesOptions, "limit" | "scale">) => ({
  ...(limit === undefined ? {} : { limit }),
  ...(scale === undefined ? {} : { scale }),
});

/** One line about a set: its name, how many images, of what size. */
export const describeImages = (name: string, size: number, shape: readonly number[]): string =>
  `${name}: ${size.toLocaleString("en")} images, ${shape.join(" x ")}`;
