/** Receiving a file's bytes into `<path>.part`, which is kept when the connection breaks, so that the next attempt goes on there. */
import { fail, ValidationError } from "@ergodic/tensor";
import { messageOf } from "./files.js";

export type DownloadProgress = {
  readonly file: string;
  /** Bytes that have come. */
  readonly received: number;
  /** Bytes to come in all, if the server says. */
  readonly total?: number;
};

export type Wanted = {
  readonly url: string;
  /** Where the decompressed file goes. */
  readonly path: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
};

export const partOf = (path: string): string => `${path}.part`;

/**
 * Completes `<path>.part`: asks for the bytes it lacks (HTTP Range), or for all where the server knows no ranges.
 *
 * @returns whether bytes of an earlier attempt are in it
 * @throws ValidationError when the address does not answer, the connection breaks, or the disk is full; what has come is kept
 */
export async function receivePart(wanted: Wanted): Promise<boolean> {
  const { stat } = await import("node:fs/promises");
  const have = await stat(partOf(wanted.path)).then(
    ({ size }) => size,
    () => 0,
  );
  const response = await ask(wanted, have);
  const ranged = response.headers.get("content-range") ?? "";
  if (have > 0 && response.status === 416 && ranged === `bytes */${have}`) return true;
  const goesOn =
    response.status === 206 && ranged.startsWith(`bytes ${have}-`) && !response.headers.has("content-encoding");
  // The part is longer than the file, or was cut out of something else: it is of no use.
  const strange = have > 0 && !goesOn && response.status !== 200;
  if (strange) await response.body?.cancel();
  await save(wanted, strange ? await ask(wanted, 0) : response, goesOn ? have : 0);
  return goesOn;
}

async function ask({ url, path, signal }: Wanted, from: number): Promise<Response> {
  // Ranges count the bytes that are sent, so they have to be those of the file.
  const headers = { "accept-encoding": "identity", ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
  const response = await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) }).catch(
    (error: unknown) => {
      signal?.throwIfAborted();
      const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
      return unavailable(`${url} cannot be fetched (${cause})`, path);
    },
  );
  if (response.ok || (from > 0 && response.status === 416)) return response;
  await response.body?.cancel();
  return unavailable(`${url} answered ${response.status} ${response.statusText}`, path);
}

const unavailable = (problem: string, path: string): never =>
  fail(problem, `the file for ${path}`, "check the address and the connection, or put the file there by hand");

async function save(
  { url, path, onProgress, signal }: Wanted,
  { headers, body }: Response,
  have: number,
): Promise<void> {
  const { mkdir, open } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const part = partOf(path);
  const unwritable = (error: unknown): never =>
    fail(
      `${part} cannot be written (${messageOf(error)})`,
      "space for the file",
      "make room and run it again: it goes on from there",
    );
  await mkdir(dirname(path), { recursive: true });
  const file = await open(part, have > 0 ? "a" : "w").catch(unwritable);
  // With a content encoding the announced length is that of the compressed bytes, which we do not see.
  const announced = headers.has("content-encoding") ? NaN : Number(headers.get("content-length") ?? NaN);
  const total = announced > 0 ? { total: have + announced } : {};
  let received = have;
  try {
    for await (const chunk of (body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      await file.appendFile(chunk).catch(unwritable);
      received += chunk.length;
      onProgress?.({ file: path, received, ...total });
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ValidationError) throw error;
    const remedy = "run it again: it goes on from there";
    fail(`${url} stopped after ${received} bytes (${messageOf(error)})`, "the whole file", remedy);
  } finally {
    await file.close();
  }
}
