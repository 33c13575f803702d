/** Downloads the published weights, and finds them. */
import { join } from "node:path";
import { download, type DownloadProgress } from "@ergodic/data/node";
import { sha256OfFile } from "@ergodic/formats/node";
import { fail } from "@ergodic/tensor";
import { inceptionFile } from "./published-file.js";

/** Maximum bytes of a download, above the size of the published file. */
const MOST_BYTES = 2 ** 27;

export interface InceptionDownload {
  /** Folder for the file. */
  readonly folder: string;
  /** Default {@link inceptionFile}`.url`. */
  readonly url?: string;
  /** SHA-256 of the file; default that of the published one. */
  readonly checksum?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Downloads the weights into the folder unless they are there, and returns their path.
 *
 * An interrupted download resumes.
 *
 * @throws ValidationError when the download fails, the disk is full, or the checksum differs; the
 *   file is written whole or not at all
 */
export async function downloadInception({
  folder,
  url = inceptionFile.url,
  checksum = inceptionFile.sha256,
  onProgress,
  signal,
}: InceptionDownload): Promise<string> {
  const path = join(folder, inceptionFile.name);
  await download({
    ...{ url, path, checksum, most: MOST_BYTES },
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return path;
}

/**
 * The path of weights that {@link downloadInception} wrote into the folder.
 *
 * @throws ValidationError that names the file to fetch and its address; another network never
 *   replaces it
 */
export async function findInception(folder: string): Promise<string> {
  const path = join(folder, inceptionFile.name);
  const found = await sha256OfFile(path).catch(() => undefined);
  if (found === inceptionFile.sha256) return path;
  return fail(
    found === undefined ? `${path} is not there` : `${path} is not the published file`,
    `the weights of the FID Inception network, SHA-256 ${inceptionFile.sha256}`,
    `fetch ${inceptionFile.url} (or ${inceptionFile.mirror}) and put it there`,
  );
}
