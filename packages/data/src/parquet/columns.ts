/** Columns of numbers and of classes in Parquet files as batches. */
import { assertFitsMemory, assertPositiveInteger, describeValue, fail } from "@ergodic/tensor";
import { indexedArrays, type ArrayBatch, type ExampleArray } from "../array-dataset.js";
import type { IndexedDataset, IndexedSource } from "../dataset.js";
import { classesIn } from "./classes.js";
import { batchColumn, type Expected } from "./column-type.js";
import { describeRows, rowCount } from "./row-count.js";
import { assertParquetFiles, findParquetFiles, type ParquetFilesOptions } from "./files.js";
import { finiteNumber, wholeNumber } from "./numbers.js";
import { openParquet, type ParquetTable } from "./table.js";

export type ParquetColumnsOptions<Names extends string> = ParquetFilesOptions & {
  /** Names of the columns; batches have the same names. */
  readonly columns: readonly Names[];
  /** Use the first `limit` rows only. */
  readonly limit?: number;
};

export interface ParquetDataset<Names extends string> extends IndexedDataset<ArrayBatch<Names>> {
  /** Names of classes by their numbers, of columns whose classes have names. */
  readonly classes: Readonly<Partial<Record<Names, readonly string[]>>>;
}

/**
 * Columns of Parquet files as a data source.
 *
 * - Whole numbers and booleans: int32 `[batch]`.
 * - Other numbers: float32 `[batch]`.
 * - Texts: classes, int32 `[batch]`, in the order of their names.
 * - Lists of numbers, all of one length: `[batch, length]`; lists of lists have one axis more.
 *
 * @throws ValidationError at once for a wrong option; from `load` when `hyparquet` is not
 * installed, a file or column is missing, a file is damaged, a value is missing or does not fit its
 * type, or lists of a column differ in length
 */
export function parquetColumns<const Names extends string>(
  options: ParquetColumnsOptions<Names>,
): IndexedSource<ArrayBatch<Names>, ParquetDataset<Names>> {
  assertParquetFiles(options);
  const { columns, limit, from } = options;
  assertNames(columns);
  if (limit !== undefined) assertPositiveInteger({ limit });
  return {
    async load() {
      const expected = Object.fromEntries(columns.map((name) => [name, batchColumn])) as Record<Names, Expected>;
      const table = await openParquet(await findParquetFiles(options), expected);
      const count = rowCount(table.size, limit);
      const isNumeric = (name: Names) => table.types[name].kind !== "text";
      const arrays: Partial<Record<Names, ExampleArray>> = await numbersIn(table, columns.filter(isNumeric), count);
      const classes: Partial<Record<Names, readonly string[]>> = {};
      for (const name of columns) {
        if (isNumeric(name)) {
          const names = table.classNames(name);
          if (names !== undefined) classes[name] = names;
          continue;
        }
        const { labels, classes: names } = await classesIn(table, name, count);
        arrays[name] = { values: labels, shape: [count] };
        classes[name] = names!;
      }
      return { ...indexedArrays(describeRows(count, from), arrays as Record<Names, ExampleArray>), classes };
    },
  };
}

function assertNames(columns: unknown): void {
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every((name) => typeof name === "string"))
    fail(`columns is ${describeValue(columns)}`, "names of columns, at least one");
}

async function numbersIn<Names extends string>(
  table: ParquetTable<Names>,
  columns: readonly Names[],
  count: number,
): Promise<Partial<Record<Names, ExampleArray>>> {
  const collectors = columns.map((name) => ({
    name,
    ...numberCollector(name, count, table.types[name].kind === "numbers"),
  }));
  for await (const { count: rows, values, where } of table.read(columns, count))
    for (const { name, add } of collectors) {
      let place = 0;
      const here = () => where(place);
      for (; place < rows; place++) add(values[name][place], here);
    }
  const arrays: Partial<Record<Names, ExampleArray>> = {};
  for (const { name, finish } of collectors) arrays[name] = finish();
  return arrays;
}

/** Collects the values of all rows in one array. The first row determines its shape. */
function numberCollector(column: string, count: number, isFloat: boolean) {
  let shape: readonly number[] = [];
  let values: Float32Array | Int32Array | undefined;
  let [width, next] = [1, 0];
  const convert = isFloat ? finiteNumber : wholeNumber;
  return {
    add(value: unknown, where: () => string): void {
      const sides = shapeOf(value);
      if (values === undefined) {
        shape = sides;
        width = sides.reduce((product, side) => product * side, 1);
        if (width === 0) fail(`${column} is an empty list in ${where()}`, "at least one number");
        assertFitsMemory(`the column ${column}`, [count, ...sides], 4);
        values = isFloat ? new Float32Array(count * width) : new Int32Array(count * width);
      }
      const numbers = [value].flat(sides.length);
      if (sides.join() !== shape.join() || numbers.length !== width)
        fail(
          `${column} has the shape [${sides.join(",")}] in ${where()}`,
          `[${shape.join(",")}], as in the first row, with lists of one length`,
        );
      for (const number of numbers) values[next++] = convert(number, column, where);
    },
    finish: (): ExampleArray => ({ values: values!, shape: [count, ...shape] }),
  };
}

/** Lengths of nested lists, taken from the first one of each. */
function shapeOf(value: unknown): number[] {
  if (!Array.isArray(value)) return [];
  return [value.length, ...shapeOf(value[0])];
}
