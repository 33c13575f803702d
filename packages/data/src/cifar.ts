/**
 * CIFAR-10 and CIFAR-100, photographs of 32 x 32 x 3 in 10 and 100 classes, from their binary
 * files.
 *
 * Each has 50,000 training and 10,000 test images. A file is a row of records: a label (CIFAR-100:
 * a coarse and a fine one), then 1,024 bytes each of red, green and blue.
 *
 * Source: A. Krizhevsky, "Learning multiple layers of features from tiny images" (2009).
 */
import { assertOneOf, fail, joined } from "@ergodic/tensor";
import { exists, wholeFile } from "./files.js";
import { assertImagesOptions, datasetOptions, describeImages, type PublishedImagesOptions } from "./image-options.js";
import type { IndexedSource } from "./dataset.js";
import { imageDataset, type LabelledImageBatch, type LabelledImageDataset } from "./images/dataset.js";
import { assertLabels } from "./labels.js";
import { assertFrom, requiredFile, type Origin } from "./required-file.js";

export type CifarOptions = PublishedImagesOptions & {
  /** The folder with the binary files, or with the folder that their archive unpacks to. */
  readonly from: string;
};

export type Cifar100Options = CifarOptions & {
  /** The 100 classes, or the 20 that hold five of them each. Default "fine". */
  readonly labels?: "fine" | "coarse";
};

interface Format {
  readonly origin: Origin;
  readonly files: Readonly<Record<"train" | "test", readonly string[]>>;
  /** Bytes before the pixels, and the place of the label among them. */
  readonly labelBytes: number;
  readonly label: number;
  readonly classes: number;
  /** A text file with the name of a class in each line. It may be missing. */
  readonly names: string;
}

type Source = IndexedSource<LabelledImageBatch, LabelledImageDataset>;

const SHAPE = [32, 32, 3] as const;
const PLANE = 32 * 32;

/**
 * CIFAR-10: batches `{ images: [batch, 32, 32, 3] in scale, labels: [batch] int32 }`.
 *
 * @throws ValidationError at once for a wrong option; from `load` if a file is missing, cut short,
 * or holds other labels
 */
export const cifar10 = (options: CifarOptions): Source =>
  cifar(options, {
    origin: {
      dataset: "CIFAR-10",
      url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      within: "cifar-10-batches-bin",
    },
    files: { train: [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`), test: ["test_batch.bin"] },
    ...{ labelBytes: 1, label: 0, classes: 10, names: "batches.meta.txt" },
  });

/** CIFAR-100; as {@link cifar10}. */
export function cifar100({ labels = "fine", ...options }: Cifar100Options): Source {
  assertOneOf({ labels }, ["fine", "coarse"]);
  return cifar(options, {
    origin: {
      dataset: "CIFAR-100",
      url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
      within: "cifar-100-binary",
    },
    files: { train: ["train.bin"], test: ["test.bin"] },
    ...{ labelBytes: 2, names: `${labels}_label_names.txt` },
    ...(labels === "fine" ? { label: 1, classes: 100 } : { label: 0, classes: 20 }),
  });
}

function cifar({ from, split = "train", ...options }: CifarOptions, format: Format): Source {
  const { origin, files, classes: count } = format;
  assertFrom(from, origin);
  assertImagesOptions({ split, ...options });
  return {
    async load() {
      const paths: string[] = [];
      for (const name of files[split]) paths.push(await requiredFile(from, [name], origin));
      const parts = [];
      for (const path of paths) parts.push(partOf(await wholeFile(path, "a binary file of CIFAR"), path, format));
      const labels = joined(
        Uint8Array,
        parts.map((part) => part.labels),
      );
      const classes = await classNames(paths[0]!, format);
      return imageDataset({
        description: describeImages(`${origin.dataset} ${split}`, options.limit ?? labels.length, SHAPE),
        bytes: joined(
          Uint8Array,
          parts.map((part) => part.pixels),
        ),
        labels,
        imageShape: SHAPE,
        ...(classes?.length === count ? { classes } : {}),
        ...datasetOptions(options),
      });
    },
  };
}

/** Splits the records of a file and puts the colours of a pixel side by side. */
function partOf(bytes: Uint8Array, path: string, { labelBytes, label, classes }: Format) {
  const record = labelBytes + 3 * PLANE;
  if (bytes.length === 0 || bytes.length % record !== 0)
    fail(`${path} has ${bytes.length} bytes`, `records of ${record} bytes`, "get the file again");
  const count = bytes.length / record;
  const labels = Uint8Array.from({ length: count }, (_, i) => bytes[i * record + label]!);
  assertLabels(labels, classes, path);
  const pixels = new Uint8Array(3 * PLANE * count);
  for (let i = 0, to = 0; i < count; i++)
    for (let place = i * record + labelBytes, end = place + PLANE; place < end; place++)
      for (let colour = 0; colour < 3; colour++) pixels[to++] = bytes[place + colour * PLANE]!;
  return { labels, pixels };
}

async function classNames(beside: string, { names }: Format): Promise<string[] | undefined> {
  const { dirname, join } = await import("node:path");
  const path = join(dirname(beside), names);
  if (!(await exists(path))) return undefined;
  const text = new TextDecoder().decode(await wholeFile(path, "names of classes"));
  return text.split(/\r?\n/).filter((line) => line !== "");
}
