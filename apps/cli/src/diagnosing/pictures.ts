/** What pictures along chains tell: how much of a picture a stretch changes, and how often the nearest class of images changes. */
import { modeVisits, type ModeVisits } from "@ergodic/samplers";
import { pixels, type ImageArray } from "../evaluation/plan.js";
import type { Snapshot } from "./long-run.js";

export interface PictureChange {
  /** Steps between two pictures that are compared. */
  readonly stretch: number;
  /**
   * Mean squared change of a chain's picture in a stretch, over the mean squared difference between the pictures of two chains at one moment:
   * 1 where a stretch forgets everything, if the chains themselves are independent.
   */
  readonly ratio: number;
}

/** Σ (a - b)² of rows `i` of `a` and `j` of `b`. */
function squaredDistance(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += (a[i * size + k]! - b[j * size + k]!) ** 2;
  return sum;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How pictures change; nothing for fewer than two pictures or chains. */
export function pictureChange(snapshots: readonly Snapshot[]): PictureChange | undefined {
  const [before, after] = snapshots;
  const chains = before?.shape[0] ?? 0;
  if (before === undefined || after === undefined || chains < 2) return undefined;
  const size = pixels(before);
  const all = Array.from({ length: chains }, (_, c) => c);
  const changes = snapshots
    .slice(1)
    .flatMap(({ values }, t) => all.map((c) => squaredDistance(values, c, snapshots[t]!.values, c, size)));
  const differences = snapshots.flatMap(({ values }) =>
    all.slice(1).flatMap((c) => all.slice(0, c).map((other) => squaredDistance(values, c, values, other, size))),
  );
  return { stretch: after.step - before.step, ratio: mean(changes) / mean(differences) };
}

/** Classes of images by their means. */
export interface Classes {
  readonly means: readonly Float64Array[];
  /** Share of the test images whose own class is the one with the nearest mean: how far these labels can be trusted. */
  readonly agreement: number;
}

export interface ClassVisits extends ModeVisits {
  readonly stretch: number;
  readonly classes: number;
  readonly agreement: number;
}

/** Means of images by class, `[class]`; nothing when the images have no classes. */
function classMeans(reference: ImageArray): Float64Array[] {
  const { images, labels } = reference;
  if (labels === undefined) return [];
  const size = pixels(reference);
  const count = 1 + Array.from(labels).reduce((a, b) => Math.max(a, b), 0);
  const sums = Array.from({ length: count }, () => ({ mean: new Float64Array(size), n: 0 }));
  Array.from(labels).forEach((label, i) => {
    const sum = sums[label]!;
    sum.n += 1;
    for (let k = 0; k < size; k++) sum.mean[k]! += images[i * size + k]!;
  });
  return sums.filter(({ n }) => n > 0).map(({ mean: total, n }) => total.map((value) => value / n));
}

function nearest(images: ArrayLike<number>, i: number, means: readonly Float64Array[], size: number): number {
  const distances = means.map((centre) => squaredDistance(images, i, centre, 0, size));
  return distances.indexOf(Math.min(...distances));
}

/** The classes of labelled reference images, tried on test images; nothing where they have none. */
export function classesOf(reference: ImageArray, test: ImageArray): Classes | undefined {
  const means = classMeans(reference);
  if (means.length < 2) return undefined;
  const tested = Array.from({ length: test.shape[0] ?? 0 }, (_, i) => i);
  const right = tested.filter((i) => nearest(test.images, i, means, pixels(test)) === test.labels?.[i]);
  return { means, agreement: right.length / Math.max(1, tested.length) };
}

/** Which class means pictures are nearest to, and how often that changes; nothing for few pictures, or of another size. */
export function classVisits(snapshots: readonly Snapshot[], { means, agreement }: Classes): ClassVisits | undefined {
  const [before, after] = snapshots;
  const size = means[0]!.length;
  if (before === undefined || after === undefined || snapshots.length < 4 || pixels(after) !== size) return undefined;
  const chains = Array.from({ length: after.shape[0] ?? 0 }, (_, c) => c);
  const labels = chains.map((c) => snapshots.map(({ values }) => nearest(values, c, means, size)));
  return { ...modeVisits(labels), stretch: after.step - before.step, classes: means.length, agreement };
}
