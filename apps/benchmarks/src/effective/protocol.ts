/**
 * What the measuring process and samplers say to each other: JSON lines. A sampler says `Ready` when it is loaded, and answers every `RunRequest`
 * with a `RunReport`.
 */

export interface RunRequest {
  readonly seed: number;
  /** Where to write the draws: float32, `[chains, draws, dimension]`. */
  readonly to: string;
}

export interface RunReport {
  /** Warm-up and draws, from the start to the draws in the process's own memory. The first run of a process also compiles. */
  readonly seconds: number;
  readonly peakMiB: number | null;
}

/** Steps of warm-up, and draws after it. */
export const STEPS = 300;
