/**
 * Downloads of files, once.
 *
 * A file is checked against its SHA-256 and moved to its path only when it is whole. An interrupted
 * download is resumed.
 */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { isGzip, sha256, unpacked } from "@ergodic/formats";
import { exists, sha256OfFile, saveFile } from "./files.js";
import { partOf, receivePart, type Wanted } from "./partial-download.js";

export type { DownloadProgress } from "./partial-download.js";

export type Download = Wanted & {
  /** SHA-256 of the decompressed file. */
  readonly checksum: string;
  /**
   * The most bytes of the decompressed file; default 1 GiB. A file that is sent as gzip may have
   * 0.1 % more.
   */
  readonly most?: number;
};

/**
 * Downloads a file unless it is at its path with the right content.
 *
 * Until the file is whole and checked it is called `<path>.part`. A part that an interrupted
 * attempt left is completed. Concurrent downloads into one folder are not supported.
 *
 * @throws ValidationError if the file cannot be fetched, the connection breaks, the server stops
 * sending or sends too slowly, or the disk is full: the received bytes are kept for the next
 * attempt. Also if the file is longer than `most` bytes, or its content does not match the
 * checksum: nothing is kept then
 */
export async function download(wanted: Download): Promise<void> {
  const { url, path, checksum, most = 2 ** 30 } = wanted;
  assertPositiveInteger({ most });
  if (await exists(path)) {
    const found = await sha256OfFile(path);
    if (found !== checksum) {
      fail(`${path} has SHA-256 ${found}`, checksum, "delete the file to have it downloaded again");
    }
    return;
  }
  const resumed = await receivePart(wanted, sentAtMost(most));
  let found = await settle(wanted, most).catch((error: unknown) =>
    resumed ? undefined : Promise.reject(error as Error),
  );
  if (resumed && found !== checksum) {
    // The kept part may belong to an older version of the file. The download starts again from its
    // beginning.
    await receivePart(wanted, sentAtMost(most));
    found = await settle(wanted, most);
  }
  if (found !== checksum) {
    fail(
      `${url} has SHA-256 ${found} (decompressed)`,
      checksum,
      "the file was altered on the way: try another baseUrl",
    );
  }
}

/** Gzip adds a header, and five bytes to each block of 16 KiB that it cannot compress. */
const sentAtMost = (most: number): number => most + Math.ceil(most / 1024) + 1024;

/**
 * Moves the received file into place if its checksum is right, and removes it if not.
 *
 * @returns its checksum
 */
async function settle({ url, path, checksum }: Download, most: number): Promise<string> {
  const { readFile, rename, rm } = await import("node:fs/promises");
  const part = partOf(path);
  try {
    const bytes = await readFile(part);
    const content = isGzip(bytes) ? await unpacked(bytes, url, () => most) : bytes;
    const found = await sha256(content);
    if (found === checksum) await (content === bytes ? rename(part, path) : saveFile(path, content));
    return found;
  } finally {
    await rm(part, { force: true });
  }
}
