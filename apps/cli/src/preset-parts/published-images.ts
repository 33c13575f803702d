/** Published sets of colour images, read from the folder in `options.dataFrom`. */
import type { ImageBatch, IndexedDataset, IndexedSource } from "@ergodic/data";
import { cifar10, images, svhn } from "@ergodic/data/node";
import { fail } from "@ergodic/tensor";
import { z } from "zod";

/** Options of every preset of published images. */
export const publishedImageOptions = {
  /** The folder with the files of the data set. */
  dataFrom: z.string().default(""),
  /** Number of training images, from the first. Default: the number of the table. */
  examples: z.number().int().min(1).optional(),
  /** CelebA: a folder that keeps decoded pictures. */
  cache: z.string().optional(),
};

type Chosen = z.output<z.ZodObject<typeof publishedImageOptions>>;
type Split = "train" | "test";

interface PublishedSet {
  readonly name: string;
  /** The files that the folder must hold. */
  readonly files: string;
  readonly url: string;
  source(chosen: Chosen, split: Split, limit: number | undefined): ImageSource;
}

interface TableSet extends PublishedSet {
  /** Training images of a table. */
  readonly examples: number;
}

type ImageSource = IndexedSource<ImageBatch, IndexedDataset<ImageBatch>>;

const within = (limit: number | undefined) => (limit === undefined ? {} : { limit });

/**
 * CelebA by the names of the pictures: a hash decides whether one is for testing. The tables use a
 * part of the training pictures.
 */
const celeba = (size: 64 | 128): PublishedSet => ({
  name: "CelebA",
  files: "img_align_celeba.zip (unpacked: 202,599 pictures of 218 x 178)",
  url: "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
  source: ({ dataFrom, cache }, split, limit) =>
    images({
      ...{ from: dataFrom, size, split, testShare: 0.1 },
      crop: size === 128 ? { top: 45, left: 25, height: 128, width: 128 } : "shorter-side",
      ...within(limit),
      ...(cache !== undefined && { cache }),
    }),
});

/** A category of LSUN, whose pictures were written into a folder. */
const lsun = (category: "church_outdoor" | "bedroom", size: 64 | 128): PublishedSet => ({
  name: `LSUN ${category}`,
  files: `the pictures of ${category}_train_lmdb, written into a folder as they are`,
  url: "https://github.com/fyu/lsun",
  source: ({ dataFrom, cache }, split, limit) =>
    images({
      ...{ from: dataFrom, size, split, testShare: 0.01, crop: "shorter-side" },
      ...within(limit),
      ...(cache !== undefined && { cache }),
    }),
});

export const publishedSets = {
  svhn: {
    name: "SVHN",
    files: "train_32x32.mat and test_32x32.mat",
    url: "http://ufldl.stanford.edu/housenumbers",
    examples: 73_257,
    source: ({ dataFrom: from }, split, limit) => svhn({ from, split, ...within(limit) }),
  },
  cifar10: {
    name: "CIFAR-10",
    files: "data_batch_1.bin to data_batch_5.bin and test_batch.bin, of cifar-10-binary.tar.gz",
    url: "https://www.cs.toronto.edu/~kriz/cifar.html",
    examples: 50_000,
    source: ({ dataFrom: from }, split, limit) => cifar10({ from, split, ...within(limit) }),
  },
  "celeba-64": { ...celeba(64), examples: 40_000 },
  "celeba-128": { ...celeba(128), examples: 30_000 },
} as const satisfies Readonly<Record<string, TableSet>>;

/** Sets of which all training images are used. */
const wholeSets = {
  "celeba-64-whole": celeba(64),
  "lsun-church-64": lsun("church_outdoor", 64),
  "lsun-church-128": lsun("church_outdoor", 128),
  "lsun-bedroom-64": lsun("bedroom", 64),
  "lsun-bedroom-128": lsun("bedroom", 128),
} as const satisfies Readonly<Record<string, PublishedSet>>;

export type PublishedSetName = keyof typeof publishedSets;
export type WholeSetName = keyof typeof wholeSets;

/**
 * Images of a set. Training images are the first `examples`, or all. There is no limit of test
 * images.
 *
 * @throws ValidationError at once when `options.dataFrom` is not set; from `load` when files are
 *   missing
 */
export function publishedImages(set: PublishedSetName | WholeSetName, chosen: Chosen, split: Split): ImageSource {
  const sets: Readonly<Record<string, PublishedSet & Partial<TableSet>>> = { ...publishedSets, ...wholeSets };
  const { name, files, url, examples, source } = sets[set]!;
  if (chosen.dataFrom === "")
    fail(
      "options.dataFrom is not set",
      `the folder with the files of ${name}: ${files}`,
      `get them from ${url}, put them into a folder and name it: --set options.dataFrom=data/${name.toLowerCase().replace("-", "")}`,
    );
  return source(chosen, split, split === "train" ? (chosen.examples ?? examples) : undefined);
}
