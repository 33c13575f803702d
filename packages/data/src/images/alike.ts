/** How pictures become images like those of a data set. */
import { fail } from "@ergodic/tensor";
import type { ImageDataset } from "./dataset.js";
import type { PictureSettings, WithSettings } from "./picture-options.js";

/** The members of a data set that say what its images are like. */
type Images = Pick<ImageDataset, "imageShape" | "scale"> & Partial<WithSettings>;

/**
 * The settings with which other pictures become images like those of a data set.
 *
 * Those of the data set, if it was made of pictures. Otherwise the middle of each picture, in the
 * data set's size, channels and scale.
 *
 * @throws ValidationError for data other than square images of one or three channels
 */
export function picturesLike(dataset: { readonly description: string } & Partial<Images>): PictureSettings {
  const { description, imageShape, scale, pictures } = dataset;
  if (pictures !== undefined) return pictures;
  if (imageShape === undefined || scale === undefined)
    return fail(`the data set "${description}" has no imageShape or no scale`, "images", "use a data set of images");
  const [height, width, channels] = imageShape;
  if (height !== width || (channels !== 1 && channels !== 3))
    return fail(`the images of "${description}" are ${imageShape.join(" x ")}`, "squares of 1 or 3 channels");
  return { size: height, scale, ...(channels === 1 && { grey: true }) };
}
