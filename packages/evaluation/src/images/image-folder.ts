/** Folders of image files as a stream. */
import { fail } from "@ergodic/tensor";
import { decodeImage, noImage } from "./decoding/decode-image.js";
import { findImages } from "./files/find-images.js";
import { KIND_PREFIX, kindOf, readKinds } from "./files/kinds.js";
import { remarks, type FileReport, type Reduction } from "./files/remarks.js";
import type { ImageStream } from "./image-batch.js";

export interface ImageFolder extends ImageStream {
  files(): FileReport;
}

/** Bytes of the largest file that is read: its picture fits {@link MOST_PIXELS}, not compressed, with room to spare. */
const LARGEST_FILE = 2 ** 30;

/**
 * The image files of a folder and the folders in it, in the order of their names, each of its own size. Pixels are the stored ones, as
 * Pillow reads them: colour profiles are not applied, transparency is dropped. JPEG's losses change scores much: compare PNG files.
 *
 * Files that are no images by their names, hidden ones, and what systems leave behind are left out; `files()` says which, and, once the
 * images were read, of which not all was taken.
 *
 * @throws ValidationError when there are none, or one is no image by its content; while they come, when one is damaged
 */
export async function imageFolder(folder: string): Promise<ImageFolder> {
  const { join } = await import("node:path");
  const { files, skipped } = await findImages(folder);
  if (files.length === 0) fail(`${folder} holds no images${besides(skipped)}`, readKinds, "check the path");
  for (const file of files) await assertImageFile(join(folder, file));
  const reduced = remarks<Reduction>();
  return {
    description: `${files.length} image files in ${folder}`,
    count: files.length,
    quantisation: "uint8",
    files: () => ({ found: files.length, skipped, reduced: reduced.report() }),
    async *batches() {
      for (const file of files) {
        const { reduced: of, ...image } = await decodeImage(await contentOf(join(folder, file)), join(folder, file));
        for (const reduction of of) reduced.add(reduction, file);
        yield { ...image, count: 1 };
      }
    },
  };
}

const besides = (skipped: FileReport["skipped"]): string => {
  const parts = Object.entries(skipped).map(([reason, { count }]) => `${count} ${reason}`);
  return parts.length === 0 ? "" : ` (left out: ${parts.join(", ")})`;
};

/** Tells files that are none before any is decoded. */
async function assertImageFile(path: string): Promise<void> {
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
  fail(`${path} cannot be read (${String(error)})`, "an image", "check that the file is there and may be read");
