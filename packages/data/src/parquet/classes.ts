/** Columns of Parquet files as classes. */
import { assertLabels, labelsOf } from "../labels.js";
import { wholeNumber } from "./numbers.js";
import type { ParquetTable } from "./table.js";

/** The class of each row. */
export interface Classes {
  readonly labels: Int32Array;
  /** Names of the classes by label, if they have names. */
  readonly classes?: readonly string[];
}

/**
 * The classes of the first `count` rows.
 *
 * Whole numbers are the labels themselves. Texts are classes in the order of their names, those of
 * all rows, so that labels do not depend on `count`.
 *
 * @throws ValidationError for a number that is negative, or beyond the names that the file has
 */
export async function classesIn<Names extends string>(
  table: ParquetTable<Names>,
  column: Names,
  count: number,
): Promise<Classes> {
  if (table.types[column].kind === "text") {
    const names: string[] = [];
    for await (const { values } of table.read([column], table.size))
      for (const name of Array.from(values[column] as ArrayLike<string>)) names.push(name);
    return labelsOf(names.slice(0, count), names);
  }
  const labels = new Int32Array(count);
  let next = 0;
  for await (const { count: rows, values, where } of table.read([column], count)) {
    let place = 0;
    const here = () => where(place);
    for (; place < rows; place++) labels[next++] = wholeNumber(values[column][place], column, here, 0);
  }
  const classes = table.classNames(column);
  if (classes === undefined) return { labels };
  assertLabels(labels, classes.length, `the column ${column}`);
  return { labels, classes };
}
