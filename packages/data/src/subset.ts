/** Subsets of data sets. */
import { fail } from "@ergodic/tensor";
import { randomAccess } from "./batching.js";
import type { IndexedDataset } from "./dataset.js";
import type { LabelledImageDataset } from "./images/dataset.js";
import type { Labels } from "./labels.js";

/**
 * The examples with these numbers, in this order.
 *
 * @throws ValidationError when there are none, or a number is outside the data set
 */
export function subset<B>(dataset: IndexedDataset<B>, indices: Int32Array): IndexedDataset<B> {
  const { description } = dataset;
  assertWithin(dataset, indices);
  return {
    description: `${indices.length.toLocaleString("en")} of ${description}`,
    size: indices.length,
    ...randomAccess(indices.length, (chosen) => dataset.take(chosen.map((place) => indices[place]!))),
  };
}

/**
 * The same for labelled images, under another description.
 *
 * @throws ValidationError as {@link subset}
 */
export function imageSubset(
  dataset: LabelledImageDataset,
  indices: Int32Array,
  description: string,
): LabelledImageDataset {
  const { imageShape } = dataset;
  const pixels = imageShape.reduce((product, side) => product * side, 1);
  const chosen = subset(dataset, indices);
  const span = (start: number, count: number): Int32Array => indices.subarray(start, start + count);
  const images = (start: number, count: number): Float32Array<ArrayBuffer> => {
    const values = new Float32Array(count * pixels);
    span(start, count).forEach((index, place) => values.set(dataset.images(index, 1), place * pixels));
    return values;
  };
  const labels = (start: number, count: number): Labels =>
    Uint8Array.from(span(start, count), (index) => dataset.labels(index, 1)[0]!);
  const { size } = chosen;
  return {
    ...dataset,
    ...chosen,
    ...{ description, images, labels },
    all: () => ({ images: images(0, size), labels: labels(0, size), shape: [size, ...imageShape] }),
  };
}

function assertWithin({ size }: { readonly size: number }, indices: Int32Array): void {
  const outside = indices.find((index) => index < 0 || index >= size);
  if (outside !== undefined) fail(`example ${outside} is chosen`, `numbers in 0 .. ${size - 1}`, "check the indices");
  if (indices.length === 0) fail("no example is chosen", "at least one", "check how the indices are made");
}
