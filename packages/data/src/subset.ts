/** Subsets of data sets. */
import { fail } from "@ergodic/tensor";
import { randomAccess } from "./batching.js";
import type { IndexedDataset } from "./dataset.js";

/**
 * The examples with these numbers, in this order.
 *
 * @throws ValidationError when there are none, or a number is outside the data set
 */
export function subset<B>(dataset: IndexedDataset<B>, indices: Int32Array): IndexedDataset<B> {
  const { size, description } = dataset;
  const outside = indices.find((index) => index < 0 || index >= size);
  if (outside !== undefined) fail(`example ${outside} is chosen`, `numbers in 0 .. ${size - 1}`, "check the indices");
  if (indices.length === 0) fail("no example is chosen", "at least one", "check how the indices are made");
  return {
    description: `${indices.length.toLocaleString("en")} of ${description}`,
    size: indices.length,
    ...randomAccess(indices.length, (chosen) => dataset.take(chosen.map((place) => indices[place]!))),
  };
}
