/** How much of a picture changes along a chain. */
import type { Snapshot } from "./long-run.js";
import { numbersIn, squaredDistance } from "./picture-rows.js";

export interface PictureChange {
  /** Steps between two pictures that are compared. */
  readonly stretch: number;
  /**
   * The mean squared change of a chain's picture in a stretch, divided by the mean squared difference between the pictures
   * of two chains at one moment. It is 1 where chains are independent and a stretch forgets everything.
   */
  readonly ratio: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The change of pictures; undefined for fewer than two pictures or chains. */
export function pictureChange(snapshots: readonly Snapshot[]): PictureChange | undefined {
  const [before, after] = snapshots;
  const chains = before?.shape[0] ?? 0;
  if (before === undefined || after === undefined || chains < 2) return undefined;
  const size = numbersIn(before);
  const all = Array.from({ length: chains }, (_, c) => c);
  const changes = snapshots
    .slice(1)
    .flatMap(({ values }, t) => all.map((c) => squaredDistance(values, c, snapshots[t]!.values, c, size)));
  const differences = snapshots.flatMap(({ values }) =>
    all.slice(1).flatMap((c) => all.slice(0, c).map((other) => squaredDistance(values, c, values, other, size))),
  );
  return { stretch: after.step - before.step, ratio: mean(changes) / mean(differences) };
}
