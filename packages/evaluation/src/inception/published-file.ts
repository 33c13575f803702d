/** Where the published weights come from, and how they get here. */
import { download, type DownloadProgress } from "@ergodic/data/node";
import { fail } from "@ergodic/tensor";

/** The file all comparable FIDs are computed with; 95,628,359 bytes. Licence of the weights: Apache-2.0 (TensorFlow models). */
export const inceptionFile = {
  name: "pt_inception-2015-12-05-6726825d.pth",
  url: "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
  mirror: "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
  sha256: "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
} as const;

/** More than the published file has. */
const MOST_BYTES = 2 ** 27;

export interface InceptionDownload {
  /** Where the file is kept. */
  readonly folder: string;
  /** Default {@link inceptionFile}`.url`. */
  readonly url?: string;
  /** SHA-256 of the file; default that of the published one. */
  readonly checksum?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes sure that the weights are in the folder, and gives their path; nothing is fetched when they are there already, and an interrupted
 * download goes on where it stopped.
 *
 * @throws ValidationError when they cannot be fetched, the disk is full, or their checksum differs; the file is there whole or not at all
 */
export async function downloadInception({
  folder,
  url = inceptionFile.url,
  checksum = inceptionFile.sha256,
  onProgress,
  signal,
}: InceptionDownload): Promise<string> {
  const { join } = await import("node:path");
  const path = join(folder, inceptionFile.name);
  await download({
    ...{ url, path, checksum, most: MOST_BYTES },
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return path;
}

/**
 * The path of weights that {@link downloadInception} put into the folder.
 *
 * @throws ValidationError saying what to fetch and from where; another network is never taken in its place
 */
export async function findInception(folder: string): Promise<string> {
  const { join } = await import("node:path");
  const path = join(folder, inceptionFile.name);
  const { sha256OfFile } = await import("@ergodic/formats/node");
  const found = await sha256OfFile(path).catch(() => undefined);
  if (found === inceptionFile.sha256) return path;
  return fail(
    found === undefined ? `${path} is not there` : `${path} is not the published file`,
    `the weights of the FID Inception network, SHA-256 ${inceptionFile.sha256}`,
    `fetch ${inceptionFile.url} (or ${inceptionFile.mirror}) and put it there`,
  );
}
