/** Folders of image files as a stream. */
import { openImageFolder, type FileReport } from "@ergodic/data/node";
import type { ImageStream } from "./image-batch.js";

export interface ImageFolderStream extends ImageStream {
  files(): FileReport;
}

/**
 * The image files of a folder and its subfolders, in the order of their names, each of its own
 * size.
 *
 * Pixels are the stored numbers, as Pillow reads them: colour profiles are not applied,
 * transparency is dropped. JPEG compression changes scores much, so compare PNG files.
 *
 * Files without an image's name, hidden files, and files that operating systems leave are left out.
 * `files()` lists them. After reading it also lists the images of which a part was left out.
 *
 * @throws ValidationError when there are no images, or a file holds no image; during reading, when
 *   a file is damaged
 */
export async function imageFolder(folder: string): Promise<ImageFolderStream> {
  const { files, read, report } = await openImageFolder(folder);
  return {
    description: `${files.length} image files in ${folder}`,
    count: files.length,
    quantisation: "uint8",
    files: report,
    async *batches(from = 0) {
      for (const file of files.slice(from)) {
        const { pixels, height, width, channels } = await read(file);
        yield { pixels, height, width, channels, count: 1 };
      }
    },
  };
}
