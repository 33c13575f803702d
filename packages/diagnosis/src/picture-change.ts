/** Measures how much pictures change along a chain. */
import type { Snapshot } from "./long-run.js";
import { numbersIn, picturesOf, squaredDistance } from "./picture-rows.js";

export interface PictureChange {
  /** Steps between two compared pictures. */
  readonly stretch: number;
  /**
   * The mean squared change of a chain's picture in a stretch, divided by the mean squared
   * difference between pictures of two chains at the same step.
   *
   * It is 1 if chains are independent and pictures one stretch apart are independent too.
   */
  readonly ratio: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The change of pictures. Undefined for fewer than two pictures or chains, and for text. */
export function pictureChange(snapshots: readonly Snapshot[]): PictureChange | undefined {
  const pictures = picturesOf(snapshots);
  const [before, after] = pictures;
  const chains = before?.shape[0] ?? 0;
  if (before === undefined || after === undefined || chains < 2) return undefined;
  const size = numbersIn(before);
  const all = Array.from({ length: chains }, (_, c) => c);
  const changes = pictures
    .slice(1)
    .flatMap(({ values }, t) => all.map((c) => squaredDistance(values, c, pictures[t]!.values, c, size)));
  const differences = pictures.flatMap(({ values }) =>
    all.slice(1).flatMap((c) => all.slice(0, c).map((other) => squaredDistance(values, c, values, other, size))),
  );
  return { stretch: after.step - before.step, ratio: mean(changes) / mean(differences) };
}
