/**
 * Receives the bytes of a file into `<path>.part`.
 *
 * The part is kept when the connection breaks, so that the next attempt continues there.
 */
import { fail, messageOf } from "@ergodic/tensor";
import { announcedLength, openTransfer, TransferError, type Transfer, type TransferLimits } from "./transfer.js";

export type DownloadProgress = {
  readonly file: string;
  /** Bytes received so far. */
  readonly received: number;
  /** Bytes of the whole file, if the server states them. */
  readonly total?: number;
};

export type Wanted = {
  readonly url: string;
  /** The path of the decompressed file. */
  readonly path: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  readonly limits?: TransferLimits;
};

export const partOf = (path: string): string => `${path}.part`;

/**
 * Completes `<path>.part`.
 *
 * It asks for the missing bytes (HTTP Range), or for all bytes when the server does not support
 * ranges.
 *
 * @param atMost the most bytes of the file as it is sent
 * @returns whether the part holds bytes of an earlier attempt
 * @throws ValidationError when the address does not answer, the connection breaks, the server stops
 * sending or sends too slowly, or the disk is full: received bytes are kept. Also when the file is
 * longer than `atMost` bytes: nothing is kept then
 */
export async function receivePart(wanted: Wanted, atMost: number): Promise<boolean> {
  const { path } = wanted;
  const { stat } = await import("node:fs/promises");
  const size = await stat(partOf(path)).then(
    (found) => found.size,
    () => 0,
  );
  const have = size > atMost ? 0 : size;
  const transfer = await ask(wanted, have);
  const { status, headers } = transfer;
  const ranged = headers.get("content-range") ?? "";
  if (have > 0 && status === 416 && ranged === `bytes */${have}`) {
    transfer.cancel();
    return true;
  }
  const goesOn = status === 206 && ranged.startsWith(`bytes ${have}-`) && !headers.has("content-encoding");
  // The part is longer than the file or belongs to another file, so it is discarded.
  const strange = have > 0 && !goesOn && status !== 200;
  if (strange) transfer.cancel();
  await save(wanted, strange ? await ask(wanted, 0) : transfer, { have: goesOn ? have : 0, atMost });
  return goesOn;
}

async function ask({ url, path, signal, limits }: Wanted, from: number): Promise<Transfer> {
  // Ranges count bytes as sent, so these have to be the bytes of the file.
  const headers = { "accept-encoding": "identity", ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
  const transfer = await openTransfer({ url, headers, signal, limits }).catch((error: unknown) => {
    if (error instanceof TransferError) return unavailable(`${url} cannot be fetched (${error.message})`, path);
    throw error;
  });
  if (transfer.ok || (from > 0 && transfer.status === 416)) return transfer;
  transfer.cancel();
  return unavailable(`${url} answered ${transfer.status} ${transfer.statusText}`, path);
}

const unavailable = (problem: string, path: string): never =>
  fail(problem, `the file for ${path}`, "check the address and the connection, or put the file there by hand");

async function save(
  { url, path, onProgress }: Wanted,
  transfer: Transfer,
  { have, atMost }: { readonly have: number; readonly atMost: number },
): Promise<void> {
  const { mkdir, open, rm } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const part = partOf(path);
  const again = "run it again: it goes on from there";
  const unwritable = (error: unknown): never =>
    fail(`${part} cannot be written (${messageOf(error)})`, "space for the file", `make room and ${again}`);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(part, have > 0 ? "a" : "w").catch(unwritable);
  const total = totalLength(transfer, have);
  let received = have;
  const stopped = (reason: string): never =>
    fail(`${url} stopped after ${received} bytes (${reason})`, "the whole file", again);
  try {
    for await (const chunk of transfer.chunks(atMost - have)) {
      await file.appendFile(chunk).catch(unwritable);
      received += chunk.length;
      onProgress?.({ file: path, received, ...(total === undefined ? {} : { total }) });
    }
    if (total !== undefined && received < total) stopped(`of ${total} that were announced`);
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    if (!error.tooLong) stopped(error.message);
    await rm(part, { force: true });
    fail(`${url} is longer than can be right`, `at most ${atMost} bytes`, "check the address");
  } finally {
    await file.close();
  }
}

/**
 * Bytes of the whole file, if the server states them: after a range, or as the length of the body.
 */
function totalLength(transfer: Transfer, have: number): number | undefined {
  const ofRange = /^bytes \d+-\d+\/(\d+)$/.exec(transfer.headers.get("content-range") ?? "")?.[1];
  const total = ofRange === undefined ? have + announcedLength(transfer) : Number(ofRange);
  return total > 0 ? total : undefined;
}
