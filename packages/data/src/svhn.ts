/**
 * SVHN: house numbers of Google Street View, digits of 32 x 32 x 3.
 *
 * 73,257 are for training, 26,032 for testing, and 531,131 are easier extra ones.
 *
 * Source: Netzer et al., "Reading digits in natural images with unsupervised feature learning"
 * (2011), format 2.
 */
import { fail } from "@ergodic/tensor";
import { columnStrides, copyStrided, readMat, rowStrides, type NumberValues, type Strided } from "@ergodic/formats";
import { openNpz, wholeFile } from "./files.js";
import { assertImagesOptions, datasetOptions, describeImages, type PublishedImagesOptions } from "./image-options.js";
import type { IndexedSource } from "./dataset.js";
import { imageDataset, type LabelledImageBatch, type LabelledImageDataset } from "./images/dataset.js";
import { assertLabels } from "./labels.js";
import { assertFrom, requiredFile, type Origin } from "./required-file.js";

export type SvhnOptions = Omit<PublishedImagesOptions, "split"> & {
  /**
   * The folder with `train_32x32.mat` and the others, or with the same arrays as `train_32x32.npz`.
   */
  readonly from: string;
  /** Default "train". */
  readonly split?: "train" | "test" | "extra";
};

const origin: Origin = { dataset: "SVHN", url: "http://ufldl.stanford.edu/housenumbers" };
const [SIDE, COLOURS] = [32, 3];
const SHAPE = [SIDE, SIDE, COLOURS] as const;

/**
 * SVHN: batches `{ images: [batch, 32, 32, 3] in scale, labels: [batch] int32 }`.
 *
 * Labels are the digits; the files store zero as 10.
 *
 * @throws ValidationError at once for a wrong option; from `load` if the file is missing, damaged,
 * or holds other arrays
 */
export function svhn({
  from,
  split = "train",
  ...options
}: SvhnOptions): IndexedSource<LabelledImageBatch, LabelledImageDataset> {
  assertFrom(from, origin);
  assertImagesOptions({ split, ...options }, ["train", "test", "extra"]);
  return {
    async load() {
      const path = await requiredFile(from, [`${split}_32x32.mat`, `${split}_32x32.npz`], origin);
      const { X, y } = await arraysIn(path);
      const labels = Uint8Array.from(y.values, (label) => (label === 10 ? 0 : label));
      assertLabels(labels, 10, path);
      return imageDataset({
        description: describeImages(`SVHN ${split}`, options.limit ?? labels.length, SHAPE),
        bytes: imagesFirst(X, path),
        labels,
        imageShape: SHAPE,
        ...datasetOptions(options),
      });
    },
  };
}

interface Arrays {
  readonly X: Numbers;
  readonly y: Pick<Numbers, "values">;
}

/** Numbers and their layout. */
interface Numbers extends Strided {
  readonly values: NumberValues;
}

async function arraysIn(path: string): Promise<Arrays> {
  if (path.endsWith(".mat")) {
    const { X, y } = await readMat(await wholeFile(path, "a MATLAB file"), path, ["X", "y"]);
    return { X: { ...X, strides: columnStrides(X.shape) }, y };
  }
  const archive = await openNpz(path);
  const [X, y] = [await archive.array("X"), await archive.array("y")];
  return { X: { ...X, strides: rowStrides(X.shape) }, y };
}

/**
 * The images as row-major [n, 32, 32, 3].
 *
 * Arrays from MATLAB have the number of images last, and MATLAB drops a last side of one.
 */
function imagesFirst({ shape, strides, values }: Numbers, path: string): Uint8Array {
  const [sides, steps] =
    shape.length === 3
      ? [
          [...shape, 1],
          [...strides, 0],
        ]
      : [shape, strides];
  const isFirst = sides.slice(1).join() === SHAPE.join();
  const isLast = sides.slice(0, 3).join() === SHAPE.join();
  if (!(values instanceof Uint8Array) || sides.length !== 4 || (!isFirst && !isLast))
    return fail(
      `X in ${path} has shape [${shape.join(",")}]${values instanceof Uint8Array ? "" : " of no bytes"}`,
      "bytes of shape [32,32,3,n] or [n,32,32,3]",
      "use the files of format 2",
    );
  const order = isFirst ? [0, 1, 2, 3] : [3, 0, 1, 2];
  const layout = { shape: order.map((axis) => sides[axis]!), strides: order.map((axis) => steps[axis]!) };
  return copyStrided(values, layout, new Uint8Array(values.length));
}
