/** How many rows of a table are used. */
import { assertInRange } from "@ergodic/tensor";

/** @throws ValidationError when there are fewer rows than `limit` */
export function rowCount(size: number, limit: number | undefined): number {
  if (limit !== undefined) assertInRange({ limit }, { max: size }, `there are ${size} rows`);
  return limit ?? size;
}

export const describeRows = (count: number, from: string): string => `${count.toLocaleString("en")} rows of ${from}`;
