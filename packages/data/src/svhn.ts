/**
 * SVHN, house numbers of Google Street View: digits of 32 x 32 x 3; 73,257 to train on, 26,032 to test, 531,131 easier ones ("extra").
 *
 * Source: Netzer et al., "Reading digits in natural images with unsupervised feature learning" (2011), format 2.
 */
import { fail } from "@ergodic/tensor";
import { copyStrided, readMat, type MatArray } from "@ergodic/formats";
import { wholeFile } from "./files.js";
import { assertImagesOptions, datasetOptions, describeImages, type PublishedImagesOptions } from "./image-options.js";
import type { IndexedSource } from "./dataset.js";
import { imageDataset, type LabelledImageBatch, type LabelledImageDataset } from "./images/dataset.js";
import { assertLabels } from "./labels.js";
import { assertFrom, requiredFile, type Origin } from "./required-file.js";

export type SvhnOptions = Omit<PublishedImagesOptions, "split"> & {
  /** The folder with `train_32x32.mat` and the others. */
  readonly from: string;
  /** Default "train". */
  readonly split?: "train" | "test" | "extra";
};

const origin: Origin = { dataset: "SVHN", url: "http://ufldl.stanford.edu/housenumbers" };
const [SIDE, COLOURS] = [32, 3];
const SHAPE = [SIDE, SIDE, COLOURS] as const;

/**
 * SVHN: batches `{ images: [batch, 32, 32, 3] in scale, labels: [batch] int32 }`. Labels are the digits; the files call zero 10.
 *
 * @throws ValidationError at once for a wrong option; from `load` if the file is missing, damaged, or holds other arrays
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
      const path = await requiredFile(from, [`${split}_32x32.mat`], origin);
      const { X, y } = await readMat(await wholeFile(path, "a MATLAB file"), path, ["X", "y"]);
      const labels = Uint8Array.from(y.values, (label) => (label === 10 ? 0 : label));
      assertLabels(labels, 10, path);
      return imageDataset({
        description: describeImages(`SVHN ${split}`, options.limit ?? labels.length, SHAPE),
        bytes: rowMajor(X, path),
        labels,
        imageShape: SHAPE,
        ...datasetOptions(options),
      });
    },
  };
}

/** Column-major [32, 32, 3, n] as row-major [n, 32, 32, 3]. */
function rowMajor({ shape, values }: MatArray, path: string): Uint8Array {
  const [height, width, colours, count = 1] = shape; // MATLAB drops a last side of one
  if (!(values instanceof Uint8Array) || height !== SIDE || width !== SIDE || colours !== COLOURS || shape.length > 4)
    return fail(
      `X in ${path} has shape [${shape.join(",")}]`,
      "bytes of shape [32,32,3,n]",
      "use the files of format 2",
    );
  const layout = { shape: [count, ...SHAPE], strides: [SIDE * SIDE * COLOURS, 1, SIDE, SIDE * SIDE] };
  return copyStrided(values, layout, new Uint8Array(values.length));
}
