/** Fetching a file once: checked against its SHA-256, in place only when it is whole, gone on with when it was interrupted. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { isGzip, sha256, unpacked } from "@ergodic/formats";
import { exists, sha256OfFile, saveFile } from "./files.js";
import { partOf, receivePart, type Wanted } from "./partial-download.js";

export type { DownloadProgress } from "./partial-download.js";

export type Download = Wanted & {
  /** SHA-256 of the decompressed file. */
  readonly checksum: string;
  /** Bytes that the decompressed file may have; default 1 GiB. A file that is sent as gzip may have 0.1 % more. */
  readonly most?: number;
};

/**
 * Makes sure that the file is at its path with the right content, fetching it if it is not there. Until it is whole and checked it is
 * called `<path>.part`; one that was left by an interrupted attempt is completed. Two at once into one folder are not foreseen.
 *
 * @throws ValidationError if it cannot be fetched, the connection breaks, the server falls silent or trickles, or the disk is full (what came
 * is kept for the next attempt); if it is longer than `most` bytes, or its content is not what the checksum says (nothing is kept)
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
    // What the earlier attempt left may be of a file that has changed since: once more, from its beginning.
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

/** Gzip adds five bytes to each block of 16 KiB that it cannot pack, and a header. */
const sentAtMost = (most: number): number => most + Math.ceil(most / 1024) + 1024;

/** Puts what has come in place if it has the right checksum, and removes it if not; either way its checksum is returned. */
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
