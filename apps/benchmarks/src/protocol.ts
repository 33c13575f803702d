/**
 * What the measuring process and those it measures say to each other: JSON lines, questions on stdin and answers on stdout.
 *
 * A peer is started for one case, makes it ready, calls it once and says `Ready`. Every `Request` is answered by a `Sample`, and
 * `{"check": true}` by a `Check`; that comes last, because peak memory is that of the timed work. It ends when its stdin closes.
 */
import type { Fingerprint } from "./agreement.js";

export interface Ready {
  /** Name and version of what runs the case. */
  readonly about: string;
  readonly threads: number;
  /** The first call: recording and loading on a compiled engine. */
  readonly firstCallMs: number;
}

export interface Request {
  /** Timed calls of this sample. */
  readonly calls: number;
  /** Whether one call that is not timed goes before, so that caches hold this peer's data and not the last one's. */
  readonly warm: boolean;
}

export interface Sample {
  /** Of one call. */
  readonly ms: number;
  /** Peak resident memory of the process so far; null where the platform does not tell. */
  readonly peakMiB: number | null;
}

export interface Check {
  /** Of the results that peers are compared by; empty when the case has none. */
  readonly fingerprint: Fingerprint;
}
