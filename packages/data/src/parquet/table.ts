/** Columns of Parquet files as one table, row group by row group. */
import { fail } from "@ergodic/tensor";
import { classNames } from "./class-names.js";
import type { ColumnType, Expected } from "./column-type.js";
import { openParquetFile, type ParquetFile, type ParquetRows } from "./file.js";
import type { ParquetFiles } from "./files.js";

export interface ParquetTable<Names extends string> {
  /** Rows of all files. */
  readonly size: number;
  readonly types: Readonly<Record<Names, ColumnType>>;
  /** The names of a column's classes, if the Hugging Face Hub wrote them into the first file. */
  classNames(column: Names): readonly string[] | undefined;
  /**
   * Some columns of the first `count` rows in order, row group by row group.
   *
   * @throws ValidationError when a file is damaged, or a value is missing
   */
  read(columns: readonly Names[], count: number): AsyncGenerator<ParquetRows<Names>>;
}

/**
 * Opens files that have these columns.
 *
 * @throws ValidationError when a package that reads them is not installed, a file is damaged, a
 * column is missing or holds something else than expected, files differ, or there are no rows
 */
export async function openParquet<Names extends string>(
  { folder, names }: ParquetFiles,
  columns: Readonly<Record<Names, Expected>>,
): Promise<ParquetTable<Names>> {
  const { join } = await import("node:path");
  const wanted = Object.keys(columns) as Names[];
  const files: ParquetFile<Names>[] = [];
  for (const name of names) files.push(await openParquetFile(join(folder, name), wanted));
  const [first, ...others] = files as [ParquetFile<Names>, ...ParquetFile<Names>[]];
  const types = {} as Record<Names, ColumnType>;
  for (const column of wanted) {
    const type = typeIn(first, column);
    if (!columns[column].fits(type))
      fail(`the column ${column} of ${first.path} holds ${type.words}`, columns[column].words, "choose another column");
    for (const other of others)
      if (typeIn(other, column).words !== type.words)
        fail(
          `the column ${column} holds ${type.words} in ${first.path} and ${typeIn(other, column).words} in ${other.path}`,
          "files of one data set",
        );
    types[column] = type;
  }
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size === 0) fail(`${first.path} has no rows`, "at least one", "get the file again");
  return {
    size,
    types,
    classNames: (column) => classNames(first.metadata, column),
    async *read(wanted, count) {
      let left = count;
      for (const file of files) {
        yield* file.read(wanted, left);
        left -= Math.min(left, file.size);
      }
    },
  };
}

function typeIn({ path, types }: ParquetFile<string>, column: string): ColumnType {
  return types.get(column) ?? fail(`${path} has no column ${column}`, `one of ${[...types.keys()].join(", ")}`);
}
