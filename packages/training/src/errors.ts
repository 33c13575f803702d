/**
 * The errors a training run can end with. Each message says what is wrong and, on its own line,
 * what to do about it, so a command line can print `error.message` and nothing else.
 */

/** Base of every error below: the problem, then the remedy. */
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

/** An experiment, its options or its training settings are not what they should be. */
export class ConfigError extends TrainingError {
  override readonly name = "ConfigError";
}

/** The run folder can't be created, read or written, or is not what it was taken for. */
export class RunFolderError extends TrainingError {
  override readonly name = "RunFolderError";
}

/**
 * A checkpoint can't be used.
 *
 * `damaged`: its files are incomplete or altered, an older one may be fine. `incompatible`: its
 * files are sound but belong to another configuration, model or version of the format. `missing`:
 * there is none.
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
