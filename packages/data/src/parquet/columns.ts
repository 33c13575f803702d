/** Columns of numbers and of classes in Parquet files as batches. */
import { assertFitsMemory, assertPositiveInteger, describeValue, fail } from "@ergodic/tensor";
import { arrayDataset, type ArrayBatch, type ExampleArray } from "../array-dataset.js";
import type { IndexedDataset, IndexedSource } from "../dataset.js";
import { batchColumn, type Expected } from "./column-type.js";
import { describeRows, rowCount } from "./row-count.js";
import { assertParquetFiles, findParquetFiles, type ParquetFilesOptions } from "./files.js";
import { classCollector, finiteNumber, wholeNumber } from "./numbers.js";
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
      const collectors = columns.map((name) => ({ name, ...collector(table, name, count) }));
      for await (const { count: rows, values, where } of table.read(count))
        for (const { name, add } of collectors)
          for (let place = 0; place < rows; place++) add(values[name][place], where(place));
      const finished = collectors.map(({ name, finish }) => ({ name, ...finish() }));
      const arrays = finished.map(({ name, array }) => [name, array] as const);
      const classes = finished.flatMap(({ name, classes }) =>
        classes === undefined ? [] : [[name, classes] as const],
      );
      return {
        ...arrayDataset(describeRows(count, from), Object.fromEntries(arrays) as Record<Names, ExampleArray>),
        classes: Object.fromEntries(classes) as ParquetDataset<Names>["classes"],
      };
    },
  };
}

function assertNames(columns: unknown): void {
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every((name) => typeof name === "string"))
    fail(`columns is ${describeValue(columns)}`, "names of columns, at least one");
}

interface Collector {
  add(value: unknown, where: string): void;
  finish(): { readonly array: ExampleArray; readonly classes?: readonly string[] };
}

function collector<Names extends string>(table: ParquetTable<Names>, column: Names, count: number): Collector {
  const { kind } = table.types[column];
  if (kind !== "text") {
    const numbers = numberCollector(column, count, kind === "numbers");
    const classes = table.classNames(column);
    return { add: numbers.add, finish: () => ({ array: numbers.finish(), ...(classes && { classes }) }) };
  }
  const texts = classCollector(table, column);
  return {
    add: texts.add,
    finish() {
      const { labels, ...named } = texts.finish();
      return { array: { values: labels, shape: [count] }, ...named };
    },
  };
}

/** The values of all rows in one array, which is made when the first row shows its shape. */
function numberCollector(column: string, count: number, isFloat: boolean) {
  let shape: readonly number[] = [];
  let values: Float32Array | Int32Array | undefined;
  let [width, next] = [1, 0];
  const convert = isFloat ? finiteNumber : wholeNumber;
  return {
    add(value: unknown, where: string): void {
      const sides = shapeOf(value);
      if (values === undefined) {
        shape = sides;
        width = sides.reduce((product, side) => product * side, 1);
        if (width === 0) fail(`${column} is an empty list in ${where}`, "at least one number");
        assertFitsMemory(`the column ${column}`, [count, ...sides], 4);
        values = isFloat ? new Float32Array(count * width) : new Int32Array(count * width);
      }
      const numbers = [value].flat(sides.length);
      if (sides.join() !== shape.join() || numbers.length !== width)
        fail(
          `${column} has the shape [${sides.join(",")}] in ${where}`,
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
