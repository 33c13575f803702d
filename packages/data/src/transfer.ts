/** Bytes from an address, within bounds: a server that does not answer, falls silent, trickles or never ends is given up. */
import { assertPositive, messageOf } from "@ergodic/tensor";

export interface TransferLimits {
  /** Longest wait in seconds for an answer, redirects included, and then for the next bytes. Default 60. */
  readonly idleSeconds?: number;
  /** Least bytes a second, as a mean over `rateSeconds` of waiting. Default 1024. */
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

/** An answer whose body is yet to come. */
export interface Transfer {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /**
   * The body in parts, read once.
   *
   * @throws TransferError when it is announced or turns out to be longer than `atMost` bytes, the server falls silent or trickles, or the
   * connection breaks
   */
  chunks(atMost: number): AsyncGenerator<Uint8Array, void>;
  /** Drops the body. */
  cancel(): void;
}

/** Why nothing, or no more, came. The message is the reason alone, for a sentence that says what was fetched. */
export class TransferError extends Error {
  override readonly name = "TransferError";

  constructor(
    message: string,
    /** The body is longer than can be right, so that what came of it is of no use. */
    readonly tooLong = false,
  ) {
    super(message);
  }
}

/** Asks for an address. @throws TransferError when there is no answer within the limits; the signal's reason when it is aborted */
export async function openTransfer(request: TransferRequest): Promise<Transfer> {
  const { url, headers = {}, signal } = request;
  const { idleSeconds = 60, leastRate = 1024, rateSeconds = 60 } = request.limits ?? {};
  assertPositive({ idleSeconds, leastRate, rateSeconds });
  const controller = new AbortController();
  const ends = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);

  /** What `work` gives, unless it takes too long. */
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
        // Only waiting counts: a slow disk is not the server's fault.
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

/** Bytes of the body as the answer announces them; NaN where it does not, or where they are packed and come unpacked. */
export function announcedLength({ headers }: Pick<Response, "headers">): number {
  return headers.has("content-encoding") ? NaN : Number(headers.get("content-length") ?? NaN);
}

/** `fetch` says only that it failed; why stands in the cause. */
function innermostMessage(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? innermostMessage(error.cause) : messageOf(error);
}
