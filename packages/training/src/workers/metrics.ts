/** Metrics of several workers. */
import type { Workers } from "./workers.js";

type Metrics = Readonly<Record<string, number>>;

/** The means of metrics over the workers, and whether any of them is to stop. The same for all. */
export async function meanMetrics(
  { count, gather }: Workers,
  own: Metrics,
  stopping: boolean,
): Promise<{ readonly values: Metrics; readonly stop: boolean }> {
  if (count === 1) return { values: own, stop: stopping };
  const names = Object.keys(own);
  const rows = await gather([...Object.values(own), Number(stopping)]);
  const mean = (i: number): number => rows.reduce((sum, row) => sum + row[i]!, 0) / count;
  return {
    values: Object.fromEntries(names.map((name, i) => [name, mean(i)])),
    stop: mean(names.length) > 0,
  };
}
