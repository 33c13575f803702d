/** Arrays as data sets. All arrays hold the same examples along their first axis. */
import { assertIsShape, assertPositiveInteger, fail } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { randomAccess } from "./batching.js";
import type { IndexedDataset, IndexedSource } from "./dataset.js";

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

/** Values of an example array: row-major with their shape, nested arrays of numbers, or a tensor. */
export type ExampleValues = ExampleArray | NestedNumbers | tf.Tensor;

/** One number or a nested array of numbers for each example. */
export type NestedNumbers = readonly (number | NestedNumbers)[];

/**
 * A data set of arrays, which is its own source.
 *
 * Nested arrays of whole numbers alone become int32 where they hold one number for each example, as
 * labels do, otherwise float32. Tensors are read and kept.
 *
 * Batches hold the rows of the arrays under the same names, for example `{ points: [batch, 3],
 * labels: [batch] }`.
 *
 * @throws ValidationError if there is no array or no example, values do not fit their shape, or
 * arrays have different numbers of examples
 */
export function arrayDataset<Names extends string>(
  arrays: Readonly<Record<Names, ExampleValues>>,
): ArrayDataset<ArrayBatch<Names>>;
export function arrayDataset<Names extends string>(
  description: string,
  arrays: Readonly<Record<Names, ExampleValues>>,
): ArrayDataset<ArrayBatch<Names>>;
export function arrayDataset<Names extends string>(
  ...given: [string, Readonly<Record<Names, ExampleValues>>] | [Readonly<Record<Names, ExampleValues>>]
): ArrayDataset<ArrayBatch<Names>> {
  const arrays = given[given.length - 1] as Readonly<Record<Names, ExampleValues>>;
  const columns = Object.fromEntries(
    Object.entries<ExampleValues>(arrays).map(([name, values]) => [name, arrayOf(name, values)]),
  ) as Record<Names, ExampleArray>;
  const count = Object.values<ExampleArray>(columns)[0]?.shape[0] ?? 0;
  const description = typeof given[0] === "string" ? given[0] : `${count.toLocaleString("en")} examples`;
  const dataset = indexedArrays(description, columns);
  return { ...dataset, load: async () => dataset };
}

/** The data set of {@link arrayDataset} alone. */
export function indexedArrays<Names extends string>(
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

/** A data set in memory and its source. */
export interface ArrayDataset<Batch> extends IndexedDataset<Batch>, IndexedSource<Batch> {}

/** @throws ValidationError for nested arrays of several lengths, or of other things than numbers */
function arrayOf(name: string, given: ExampleValues): ExampleArray {
  if (given instanceof tf.Tensor) return tensorArray(name, given);
  if (!Array.isArray(given)) return given as ExampleArray;
  const shape: number[] = [];
  for (let at: unknown = given; Array.isArray(at); at = at[0]) shape.push(at.length);
  const values = (given as unknown[]).flat(Infinity);
  const even = (part: unknown, depth: number): boolean =>
    Array.isArray(part)
      ? part.length === shape[depth] && part.every((inner) => even(inner, depth + 1))
      : depth === shape.length;
  if (!even(given, 0) || values.some((value) => typeof value !== "number"))
    fail(`${name} holds rows of several lengths or other things than numbers`, `numbers of shape [${shape.join(",")}]`);
  const numbers = values as number[];
  const whole = shape.length === 1 && numbers.every((value) => Number.isSafeInteger(value));
  return { values: whole ? Int32Array.from(numbers) : Float32Array.from(numbers), shape };
}

/** @throws ValidationError for tensors of strings or complex numbers */
function tensorArray(name: string, tensor: tf.Tensor): ExampleArray {
  const { dtype, shape } = tensor;
  if (dtype === "string" || dtype === "complex64") fail(`${name} is a tensor of ${dtype}`, "float32, int32 or bool");
  return { values: tensor.dataSync().slice() as ExampleArray["values"], shape };
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
