/** Values of Parquet columns as numbers and classes. */
import { describeValue, fail } from "@ergodic/tensor";
import { assertLabels, labelsOf } from "../labels.js";
import type { ParquetTable } from "./table.js";

const MOST = 2 ** 31 - 1;
const numeric: readonly string[] = ["number", "bigint", "boolean"];

/** @throws ValidationError for a whole number that int32 does not hold */
export function wholeNumber(value: unknown, column: string, where: string, least = -MOST - 1): number {
  const number = numeric.includes(typeof value) ? Number(value) : NaN;
  if (!(Number.isInteger(number) && number >= least && number <= MOST))
    fail(`${column} is ${describeValue(value)} in ${where}`, `a whole number from ${least} to ${MOST}`);
  return number;
}

/** @throws ValidationError for a number that float32 does not hold */
export function finiteNumber(value: unknown, column: string, where: string): number {
  if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
    fail(`${column} is ${describeValue(value)} in ${where}`, "a finite number of float32");
  return value as number;
}

/** The class of each row. */
export interface Classes {
  readonly labels: Int32Array;
  /** Names of the classes by their numbers, where they have names. */
  readonly classes?: readonly string[];
}

/**
 * Classes of a column of texts, or of whole numbers.
 *
 * Texts are classes in the order of their names. Whole numbers are the classes' numbers.
 */
export interface ClassCollector {
  /** @throws ValidationError for a number that is no class */
  add(value: unknown, where: string): void;
  /** @throws ValidationError for a number beyond the names that the file has */
  finish(): Classes;
}

export function classCollector<Names extends string>(table: ParquetTable<Names>, column: Names): ClassCollector {
  if (table.types[column].kind === "text") {
    const names: string[] = [];
    return { add: (value) => void names.push(value as string), finish: () => labelsOf(names) };
  }
  const numbers: number[] = [];
  const classes = table.classNames(column);
  return {
    add: (value, where) => void numbers.push(wholeNumber(value, column, where, 0)),
    finish() {
      const labels = Int32Array.from(numbers);
      if (classes === undefined) return { labels };
      assertLabels(labels, classes.length, `the column ${column}`);
      return { labels, classes };
    },
  };
}
