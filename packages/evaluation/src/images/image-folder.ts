/** Folders of image files as a stream. */
import { openImageFolder, type FileReport } from "@ergodic/data/node";
import type { ImageStream } from "./image-batch.js";

export interface ImageFolderStream extends ImageStream {
  files(): FileReport;
}

/**
 * The image files of a folder and the folders in it, in the order of their names, each of its own size. Pixels are the stored ones, as
 * Pillow reads them: colour profiles are not applied, transparency is dropped. JPEG's losses change scores much: compare PNG files.
 *
 * Files that are no images by their names, hidden ones, and what systems leave behind are left out; `files()` says which, and, once the
 * images were read, of which not all was taken.
 *
 * @throws ValidationError when there are none, or one is no image by its content; while they come, when one is damaged
 */
export async function imageFolder(folder: string): Promise<ImageFolderStream> {
  const { files, read, report } = await openImageFolder(folder);
  return {
    description: `${files.length} image files in ${folder}`,
    count: files.length,
    quantisation: "uint8",
    files: report,
    async *batches() {
      for (const file of files) {
        const { pixels, height, width, channels } = await read(file);
        yield { pixels, height, width, channels, count: 1 };
      }
    },
  };
}
