/**
 * Messages between the measuring process and the samplers: JSON lines.
 *
 * A sampler sends `Ready` once it is loaded. It answers every `RunRequest` with a `RunReport`.
 */

export interface RunRequest {
  readonly seed: number;
  /** File for the draws: float32, `[chains, draws, dimension]`. */
  readonly to: string;
}

export interface RunReport {
  /**
   * Seconds of warm-up and draws, until the draws are in the memory of the process. The first run
   * of a process also compiles.
   */
  readonly seconds: number;
  readonly peakMiB: number | null;
}

/** Number of warm-up steps, and number of draws. */
export const STEPS = 300;
