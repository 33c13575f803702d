/** Fetching a file once: checked against its SHA-256, written whole, reported while it comes. */
import { fail } from "@ergodic/tensor";
import { decompressed, exists, messageOf, sha256, writeWhole } from "./files.js";

export type DownloadProgress = {
  readonly file: string;
  /** Bytes that have come. */
  readonly received: number;
  /** Bytes to come in all, if the server says. */
  readonly total?: number;
};

export type Download = {
  readonly url: string;
  /** Where the decompressed file goes. */
  readonly path: string;
  /** SHA-256 of the decompressed file. */
  readonly checksum: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
};

async function received({ url, path, onProgress, signal }: Download): Promise<Uint8Array> {
  const remedy = "check the address and the connection, or put the file there by hand";
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    return fail(`${url} cannot be fetched (${cause})`, `the file for ${path}`, remedy);
  });
  if (!response.ok || response.body === null) {
    fail(`${url} answered ${response.status} ${response.statusText}`, `the file for ${path}`, remedy);
  }
  // With a content encoding the announced length is that of the compressed bytes, which we do not see.
  const announced = response.headers.has("content-encoding")
    ? Number.NaN
    : Number(response.headers.get("content-length") ?? "");
  const total = announced > 0 ? { total: announced } : {};
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      onProgress?.({ file: path, received: length, ...total });
    }
  } catch (error) {
    signal?.throwIfAborted();
    fail(`${url} stopped after ${length} bytes (${messageOf(error)})`, "the whole file", "try again");
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * Makes sure that the file is at its path with the right content, fetching it if it is not there.
 *
 * @throws ValidationError if it cannot be fetched or its content is not what the checksum says; nothing is written then
 */
export async function download(wanted: Download): Promise<void> {
  const { url, path, checksum } = wanted;
  if (await exists(path)) {
    const { readFile } = await import("node:fs/promises");
    const found = await sha256(await readFile(path));
    if (found !== checksum) {
      fail(`${path} has SHA-256 ${found}`, checksum, "delete the file to have it downloaded again");
    }
    return;
  }
  const content = await decompressed(await received(wanted), url);
  const found = await sha256(content);
  if (found !== checksum) {
    fail(
      `${url} has SHA-256 ${found} (decompressed)`,
      checksum,
      "the file was altered on the way: try another baseUrl",
    );
  }
  await writeWhole(path, content);
}
