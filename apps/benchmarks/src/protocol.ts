/**
 * Messages between the measuring process and measured processes: JSON lines.
 *
 * Requests are on stdin and answers on stdout. A peer is started for one case. It prepares the
 * case, calls it once and sends `Ready`. It answers every `Request` with a `Sample`, and `{"check":
 * true}` with a `Check`. The check comes last, so that peak memory is that of the timed work. The
 * peer exits when its stdin closes.
 */
import type { Fingerprint } from "./agreement.js";

export interface Ready {
  /** Name and version of the framework. */
  readonly about: string;
  readonly threads: number;
  /** Time of the first call: recording and loading on a compiled engine. */
  readonly firstCallMs: number;
}

export interface Request {
  /** Timed calls in this sample. */
  readonly calls: number;
  /** Whether an untimed call precedes the sample, so that caches hold the data of this peer. */
  readonly warm: boolean;
}

export interface Sample {
  /** Time of one call. */
  readonly ms: number;
  /** Peak resident memory of the process so far, or null if the platform does not report it. */
  readonly peakMiB: number | null;
}

export interface Check {
  /** Fingerprint of the compared results. Empty when the case has none. */
  readonly fingerprint: Fingerprint;
}
