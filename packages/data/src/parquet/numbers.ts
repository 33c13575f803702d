/** Values of Parquet columns as numbers. */
import { describeValue, fail } from "@ergodic/tensor";

const MOST = 2 ** 31 - 1;
const numeric: readonly string[] = ["number", "bigint", "boolean"];

/**
 * A value as a whole number.
 *
 * @param where names the row, for the message
 * @throws ValidationError for other values, and numbers that int32 does not hold
 */
export function wholeNumber(value: unknown, column: string, where: () => string, least = -MOST - 1): number {
  const number = numeric.includes(typeof value) ? Number(value) : NaN;
  if (!(Number.isInteger(number) && number >= least && number <= MOST))
    fail(`${column} is ${describeValue(value)} in ${where()}`, `a whole number from ${least} to ${MOST}`);
  return number;
}

/**
 * A value as a finite number.
 *
 * @param where names the row, for the message
 * @throws ValidationError for other values, and numbers that float32 does not hold
 */
export function finiteNumber(value: unknown, column: string, where: () => string): number {
  if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
    fail(`${column} is ${describeValue(value)} in ${where()}`, "a finite number of float32");
  return value as number;
}
