/** Open folders of image files: the list of files, and the pixels of each. */
import { fail, messageOf } from "@ergodic/tensor";
import { decodeImage, noImage } from "./decoding/decode-image.js";
import type { DecodedImage } from "./decoding/decoded.js";
import { findImages, type FoundImages } from "./files/find-images.js";
import { KIND_PREFIX, kindOf, readKinds } from "./files/kinds.js";
import { remarks, type FileReport, type Reduction } from "./files/remarks.js";

export interface ImageFolder {
  /** Paths within the folder, with `/`, in the order of their names. */
  readonly files: readonly string[];
  /**
   * Decodes one of the files.
   *
   * @throws ValidationError when it is damaged
   */
  read(file: string): Promise<DecodedImage>;
  /**
   * The files that are left out, with reasons, and the images read so far of which not everything
   * is read.
   */
  report(): FileReport;
}

/**
 * The size of the largest file that is read, in bytes. The largest picture that is decoded fits
 * without compression.
 */
const LARGEST_FILE = 2 ** 30;

/**
 * Opens the image files of a folder and its subfolders.
 *
 * Pixels are the stored ones, as in Pillow: colour profiles and transparency are ignored. Files
 * without the name of an image, hidden files and files of operating systems are left out.
 *
 * @throws ValidationError when there are no images, or one has other content
 */
export async function openImageFolder(folder: string): Promise<ImageFolder> {
  const { join } = await import("node:path");
  const opened = await listImageFolder(folder);
  for (const file of opened.files) await assertImageFile(join(folder, file));
  return opened;
}

/**
 * The same without a look into the files.
 *
 * @throws ValidationError when no file has the name of an image
 */
export async function listImageFolder(folder: string): Promise<ImageFolder> {
  const found = await findImages(folder);
  if (found.files.length === 0) fail(`${folder} holds no images${besides(found.skipped)}`, readKinds, "check the path");
  return imageFiles(folder, found);
}

/** Decodes these files of a folder. */
export function imageFiles(folder: string, { files, skipped }: FoundImages): ImageFolder {
  const reduced = remarks<Reduction>();
  return {
    files,
    async read(file) {
      const { join } = await import("node:path");
      const image = await decodeImage(await contentOf(join(folder, file)), join(folder, file));
      for (const reduction of image.reduced) reduced.add(reduction, file);
      return image;
    },
    report: () => ({ found: files.length, skipped, reduced: reduced.report() }),
  };
}

const besides = (skipped: FileReport["skipped"]): string => {
  const parts = Object.entries(skipped).map(([reason, { count }]) => `${count} ${reason}`);
  return parts.length === 0 ? "" : ` (left out: ${parts.join(", ")})`;
};

/** Refuses a file that is no image without decoding it. */
export async function assertImageFile(path: string): Promise<void> {
  const { open } = await import("node:fs/promises");
  const file = await open(path).catch(unreadable(path));
  try {
    const { size } = await file.stat();
    if (size > LARGEST_FILE) fail(`${path} has ${size} bytes`, `at most ${LARGEST_FILE}`, "remove or replace the file");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(KIND_PREFIX), 0, KIND_PREFIX, 0).catch(unreadable(path));
    const kind = kindOf(buffer.subarray(0, bytesRead));
    if (kind === undefined || kind === "svg") noImage(kind, buffer.subarray(0, bytesRead), path);
  } finally {
    await file.close();
  }
}

async function contentOf(path: string): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path).catch(unreadable(path));
}

const unreadable = (path: string) => (error: unknown) =>
  fail(`${path} cannot be read (${messageOf(error)})`, "an image", "check that the file is there and may be read");
