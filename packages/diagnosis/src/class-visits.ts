/** The classes that chains visit. Each picture gets the class of the nearest class mean. */
import { modeVisits, type ModeVisits } from "@ergodic/samplers/diagnostics";
import type { Snapshot } from "./long-run.js";
import { numbersIn, picturesOf, squaredDistance } from "./picture-rows.js";

/** Images on the host, `[n, height, width, channels]`, and their classes if they have any. */
export interface LabelledImages {
  readonly images: Float32Array;
  readonly shape: readonly number[];
  readonly labels?: ArrayLike<number>;
}

/** Class means of images. */
export interface ClassMeans {
  readonly means: readonly ClassMean[];
  /**
   * Share of test images nearest to the mean of their own class. It measures the reliability of the
   * labels.
   */
  readonly agreement: number;
}

interface ClassMean {
  readonly label: number;
  readonly mean: Float64Array;
}

export interface ClassVisits extends ModeVisits {
  /** Steps between two compared pictures. */
  readonly stretch: number;
  readonly classes: number;
  readonly agreement: number;
}

/**
 * The class means of reference images, checked on test images. Undefined for fewer than two
 * classes.
 */
export function classMeans(reference: LabelledImages, test: LabelledImages): ClassMeans | undefined {
  const means = meansByClass(reference);
  if (means.length < 2) return undefined;
  const tested = Array.from({ length: test.shape[0] ?? 0 }, (_, i) => i);
  const size = numbersIn(test);
  const right = tested.filter((i) => means[nearest(test.images, i, means, size)]!.label === test.labels?.[i]);
  return { means, agreement: right.length / Math.max(1, tested.length) };
}

/**
 * The classes that pictures visit. Undefined for fewer than four snapshots, or pictures of another
 * size than the means.
 */
export function classVisits(snapshots: readonly Snapshot[], { means, agreement }: ClassMeans): ClassVisits | undefined {
  const pictures = picturesOf(snapshots);
  const [before, after] = pictures;
  const size = means[0]!.mean.length;
  if (before === undefined || after === undefined || pictures.length < 4 || numbersIn(after) !== size) return undefined;
  const chains = Array.from({ length: after.shape[0] ?? 0 }, (_, c) => c);
  const labels = chains.map((c) => pictures.map(({ values }) => nearest(values, c, means, size)));
  return { ...modeVisits(labels), stretch: after.step - before.step, classes: means.length, agreement };
}

/** Means of images by class. Empty without labels. Classes without images have no mean. */
function meansByClass(reference: LabelledImages): ClassMean[] {
  const { images, labels } = reference;
  if (labels === undefined) return [];
  const size = numbersIn(reference);
  const count = 1 + Array.from(labels).reduce((a, b) => Math.max(a, b), 0);
  const sums = Array.from({ length: count }, (_, label) => ({ label, mean: new Float64Array(size), n: 0 }));
  Array.from(labels).forEach((label, i) => {
    const sum = sums[label]!;
    sum.n += 1;
    for (let k = 0; k < size; k++) sum.mean[k]! += images[i * size + k]!;
  });
  return sums.filter(({ n }) => n > 0).map(({ label, mean, n }) => ({ label, mean: mean.map((value) => value / n) }));
}

/** The index of the nearest mean. Ties go to the first. */
function nearest(images: ArrayLike<number>, i: number, means: readonly ClassMean[], size: number): number {
  const distances = means.map(({ mean }) => squaredDistance(images, i, mean, 0, size));
  return distances.indexOf(Math.min(...distances));
}
