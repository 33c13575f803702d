/** Labelled images in a pair of IDX files, the format of MNIST and related sets. */
import { fail } from "@ergodic/tensor";
import { readIdx } from "./files.js";

export interface IdxImages {
  /** Row-major [n, 28, 28]. */
  readonly bytes: Uint8Array;
  readonly labels: Uint8Array;
}

/**
 * Reads the two files.
 *
 * @throws ValidationError if a file is damaged, not of shape [n, 28, 28] or [n], or the two belong
 * to different sets
 */
export async function readIdxImages(imagesPath: string, labelsPath: string): Promise<IdxImages> {
  const images = await readIdx(imagesPath);
  const labels = await readIdx(labelsPath);
  const [count, height, width] = images.shape;
  if (!(images.values instanceof Uint8Array) || images.shape.length !== 3 || height !== 28 || width !== 28) {
    const found = `${imagesPath} holds ${images.type} values of shape [${images.shape.join(",")}]`;
    return fail(found, "uint8 of shape [n,28,28]", "point `from` at the image files of the set");
  }
  if (!(labels.values instanceof Uint8Array) || labels.shape.length !== 1) {
    const found = `${labelsPath} holds ${labels.type} values of shape [${labels.shape.join(",")}]`;
    return fail(found, "uint8 of shape [n]", "point `from` at the label files of the set");
  }
  if (labels.shape[0] !== count) {
    const found = `${labelsPath} has ${labels.shape[0]} labels`;
    return fail(found, `${count}, one for each image of ${imagesPath}`, "use the two files of one split");
  }
  return { bytes: images.values, labels: labels.values };
}
