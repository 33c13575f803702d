/**
 * Messages between the measuring process and the samplers: JSON lines.
 *
 * A sampler is started with the name of a target, the numbers of chains, threads and steps, and a file
 * with the data of the target. It warms up and draws as many steps each.
 *
 * It sends `Ready` once it is loaded. It answers every `RunRequest` with a `RunReport`.
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
