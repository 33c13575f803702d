/** One class of labelled images as anomalies. */
import { assertInRange, assertPositiveInteger, fail, random, timesCount, type Key } from "@ergodic/tensor";
import type { IndexedSource } from "./dataset.js";
import type { LabelledImageBatch, LabelledImageDataset } from "./images/dataset.js";
import { imageSubset } from "./subset.js";

type Source = IndexedSource<LabelledImageBatch, LabelledImageDataset>;

export interface LeaveOutClassOptions {
  /** The label of the class that is left out. */
  readonly label: number;
  /** The share of all other images that is for training, in (0, 1). Default 0.8. */
  readonly trainingShare?: number;
  /** Use so many training images only. */
  readonly trainingLimit?: number | undefined;
  /** Use so many images for testing only, normal ones and anomalies together. */
  readonly testLimit?: number | undefined;
  /** The seed of the split. Default 0. */
  readonly seed?: number | string;
}

/** Training and test images without the class, and all images of the class. */
export interface LeftOutClass {
  readonly training: Source;
  readonly test: Source;
  readonly anomalies: Source;
}

/**
 * A class that is left out of training: the protocol of one-class anomaly detection.
 *
 * The n images of the other classes are shuffled by `seed`. The first floor(trainingShare n) are
 * for training, the others for testing. Test images and anomalies are disjoint from training
 * images. A `testLimit` takes a random part of test images and anomalies together, so it keeps
 * their ratio up to chance.
 *
 * Zenati et al., "Efficient GAN-Based Anomaly Detection", arXiv 1802.06222.
 *
 * @throws ValidationError at once for a wrong option; from `load` if a limit is above the number of
 *   images, or a part has none
 */
export function leaveOutClass(source: Source, options: LeaveOutClassOptions): LeftOutClass {
  const { label, trainingShare = 0.8, trainingLimit, testLimit } = options;
  assertInRange({ trainingShare }, { min: 0, max: 1 });
  if (trainingLimit !== undefined) assertPositiveInteger({ trainingLimit });
  if (testLimit !== undefined) assertPositiveInteger({ testLimit });
  const part = (name: keyof LeftOutClass, describe: (of: LabelledImageDataset) => string): Source => ({
    async load() {
      const dataset = await source.load();
      const indices = splitOf(dataset, { ...options, trainingShare })[name];
      if (indices.length === 0)
        fail(`there are no ${name} images of ${dataset.description}`, "at least one", `check the label ${label}`);
      return imageSubset(dataset, indices, `${indices.length.toLocaleString("en")} ${describe(dataset)}`);
    },
  });
  return {
    training: part("training", ({ description }) => `training images without class ${label}, of ${description}`),
    test: part("test", ({ description }) => `test images without class ${label}, of ${description}`),
    anomalies: part("anomalies", ({ description }) => `images of class ${label}, of ${description}`),
  };
}

function splitOf(
  dataset: LabelledImageDataset,
  { label, trainingShare, trainingLimit, testLimit, seed = 0 }: LeaveOutClassOptions & { trainingShare: number },
): Record<keyof LeftOutClass, Int32Array> {
  const labels = dataset.labels(0, dataset.size);
  const [normalKey, testKey] = random.split<Key>(random.key(seed), 2) as [Key, Key];
  const all = Int32Array.from(labels, (_, index) => index);
  const normal = shuffled(
    all.filter((index) => labels[index] !== label),
    normalKey,
  );
  const cut = Math.floor(timesCount(trainingShare, normal.length));
  const training = firstOf({ trainingLimit }, normal.subarray(0, cut));
  const withAnomalies = Int32Array.of(...normal.subarray(cut), ...all.filter((index) => labels[index] === label));
  const tested = firstOf({ testLimit }, shuffled(withAnomalies, testKey));
  return {
    training,
    test: tested.filter((index) => labels[index] !== label),
    anomalies: tested.filter((index) => labels[index] === label),
  };
}

const shuffled = (indices: Int32Array, key: Key): Int32Array =>
  random.host.permutation(key, indices.length).map((place) => indices[place]!);

/** @throws ValidationError when there are fewer than the limit */
function firstOf(named: Readonly<Record<string, number | undefined>>, indices: Int32Array): Int32Array {
  const [[name, limit] = ["", undefined]] = Object.entries(named);
  if (limit === undefined) return indices;
  assertInRange({ [name]: limit }, { max: indices.length }, `there are ${indices.length} images`);
  return indices.subarray(0, limit);
}
