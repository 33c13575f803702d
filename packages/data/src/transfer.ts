/**
 * Transfers from an address, within bounds.
 *
 * A transfer ends with an error when the server does not answer, stops sending, sends too slowly,
 * or sends too much.
 */
import { assertPositive, messageOf } from "@ergodic/tensor";

export interface TransferLimits {
  /**
   * The longest wait in seconds for an answer, redirects included, and then for the next bytes.
   * Default 60.
   */
  readonly idleSeconds?: number;
  /** The least bytes per second, as a mean over `rateSeconds` of waiting. Default 1024. */
  readonly leastRate?: number;
  /** Default 60. */
  readonly rateSeconds?: number;
}

export interface TransferRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: TransferLimits | undefined;
}

/** An answer whose body is not read yet. */
export interface Transfer {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /**
   * The body in parts, to be read once.
   *
   * @throws TransferError when the body is announced or found to be longer than `atMost` bytes, the
   * server stops sending or sends too slowly, or the connection breaks
   */
  chunks(atMost: number): AsyncGenerator<Uint8Array, void>;
  /** Discards the body. */
  cancel(): void;
}

/**
 * The reason why a transfer ended early. The message is the reason alone, as part of a sentence.
 */
export class TransferError extends Error {
  override readonly name = "TransferError";

  constructor(
    message: string,
    /** The body is longer than allowed, so the received bytes are useless. */
    readonly tooLong = false,
  ) {
    super(message);
  }
}

/**
 * Requests an address.
 *
 * @throws TransferError when there is no answer within the limits; the reason of the signal when it
 * is aborted
 */
export async function openTransfer(request: TransferRequest): Promise<Transfer> {
  const { url, headers = {}, signal } = request;
  const { idleSeconds = 60, leastRate = 1024, rateSeconds = 60 } = request.limits ?? {};
  assertPositive({ idleSeconds, leastRate, rateSeconds });
  const controller = new AbortController();
  const ends = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);

  /** The result of `work`, unless it takes too long. */
  async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TransferError(`${what} for ${idleSeconds} s`)), 1000 * idleSeconds);
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      controller.abort();
      signal?.throwIfAborted();
      throw error instanceof TransferError ? error : new TransferError(innermostMessage(error));
    } finally {
      clearTimeout(timer);
    }
  }

  async function* chunks(atMost: number): AsyncGenerator<Uint8Array, void> {
    const tooLong = new TransferError(`it is longer than ${atMost} bytes`, true);
    let [received, waited, inWindow] = [0, 0, 0];
    try {
      if (announcedLength(response) > atMost) throw tooLong;
      const reader = response.body?.getReader();
      while (reader !== undefined) {
        const asked = performance.now();
        const { done, value } = await inTime(reader.read(), "the server sent nothing");
        if (done) return;
        received += value.length;
        if (received > atMost) throw tooLong;
        // Only waiting counts, because the server does not cause a slow disk.
        [waited, inWindow] = [waited + (performance.now() - asked) / 1000, inWindow + value.length];
        if (waited >= rateSeconds) {
          if (inWindow < leastRate * waited)
            throw new TransferError(
              `the server sent ${inWindow} bytes in ${waited.toFixed(1)} s, less than ${leastRate} a second`,
            );
          [waited, inWindow] = [0, 0];
        }
        yield value;
      }
    } finally {
      controller.abort();
    }
  }

  const response = await inTime(fetch(url, { headers, signal: ends }), "the server did not answer");
  const { ok, status, statusText } = response;
  return { ok, status, statusText, headers: response.headers, chunks, cancel: () => controller.abort() };
}

/**
 * The announced length of the body in bytes.
 *
 * It is NaN when the answer does not state it, or when the body is compressed.
 */
export function announcedLength({ headers }: Pick<Response, "headers">): number {
  return headers.has("content-encoding") ? NaN : Number(headers.get("content-length") ?? NaN);
}

/** The reason of a failure. `fetch` reports only that it failed; its cause holds the reason. */
function innermostMessage(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? innermostMessage(error.cause) : messageOf(error);
}
