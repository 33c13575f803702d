/** Arrays as data sets. All arrays hold the same examples along their first axis. */
import { assertIsShape, assertPositiveInteger, fail } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { randomAccess } from "./batching.js";
import type { IndexedDataset } from "./dataset.js";

/**
 * Row-major values, whose first axis counts examples.
 *
 * Floats become float32, whole numbers int32.
 */
export interface ExampleArray {
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

export type ArrayBatch<Names extends string> = { [Name in Names]: tf.Tensor };

/**
 * A data set of arrays.
 *
 * Batches hold the rows of the arrays under the same names, for example `{ points: [batch, 3],
 * labels: [batch] }`.
 *
 * @throws ValidationError if there is no array or no example, values do not fit their shape, or
 * arrays have different numbers of examples
 */
export function arrayDataset<Names extends string>(
  description: string,
  arrays: Readonly<Record<Names, ExampleArray>>,
): IndexedDataset<ArrayBatch<Names>> {
  const columns = Object.entries<ExampleArray>(arrays).map(([name, array]) => columnOf(name, array));
  const [first] = columns;
  if (first === undefined) return fail("there is no array", "at least one", "name an array of examples");
  for (const { name, size } of columns) {
    if (size !== first.size)
      fail(
        `${name} has ${size} examples and ${first.name} has ${first.size}`,
        "equal numbers",
        "use arrays of one set",
      );
  }
  return {
    description,
    size: first.size,
    ...randomAccess(
      first.size,
      (indices) => Object.fromEntries(columns.map(({ name, take }) => [name, take(indices)])) as ArrayBatch<Names>,
    ),
  };
}

interface Column {
  readonly name: string;
  readonly size: number;
  take(indices: Int32Array): tf.Tensor;
}

function columnOf(name: string, { values, shape }: ExampleArray): Column {
  assertIsShape({ [`${name}.shape`]: shape });
  const [size = 0, ...rest] = shape;
  assertPositiveInteger({ [`the number of examples of ${name}`]: size });
  const width = rest.reduce((product, side) => product * side, 1);
  if (values.length !== size * width)
    fail(
      `${name} has ${values.length} values`,
      `${size * width} for the shape [${shape.join(",")}]`,
      "check the shape",
    );
  const float = values instanceof Float32Array;
  return {
    name,
    size,
    take(indices) {
      const rows = float ? new Float32Array(indices.length * width) : new Int32Array(indices.length * width);
      indices.forEach((index, place) => rows.set(values.subarray(index * width, (index + 1) * width), place * width));
      return tf.tensor(rows, [indices.length, ...rest], float ? "float32" : "int32");
    },
  };
}
