/**
 * The errors of training runs.
 *
 * Each message states the problem and, on its own line, the remedy. A command line can print
 * `error.message` alone.
 */

/** Base class of the errors below: the problem, then the remedy. */
export class TrainingError extends Error {
  override readonly name: string = "TrainingError";

  constructor(
    readonly problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(remedy === "" ? problem : `${problem}\n  ${remedy}`, options);
  }
}

/** An experiment, its options or its training settings are invalid. */
export class ConfigError extends TrainingError {
  override readonly name = "ConfigError";
}

/**
 * The workers of a cluster do not fit together, or one of them has ended, hangs or has drifted from
 * the others.
 */
export class WorkersError extends TrainingError {
  override readonly name = "WorkersError";
}

/** The run folder cannot be created, read or written, or is of the wrong kind. */
export class RunFolderError extends TrainingError {
  override readonly name = "RunFolderError";
}

/**
 * A checkpoint is unusable:
 *
 * - `damaged`: its files are incomplete or altered. An older one may be usable.
 * - `incompatible`: its files are sound but belong to another configuration, model or format
 *   version.
 * - `missing`: there is none.
 */
export class CheckpointError extends TrainingError {
  override readonly name = "CheckpointError";

  constructor(
    readonly reason: "damaged" | "incompatible" | "missing",
    problem: string,
    remedy: string,
    options?: ErrorOptions,
  ) {
    super(problem, remedy, options);
  }
}
