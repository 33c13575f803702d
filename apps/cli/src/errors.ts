/** Errors of the command line, and exit codes that scripts can rely on. */

export const exitCode = { ok: 0, failure: 1, usage: 2, hungUp: 129, interrupted: 130, terminated: 143 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** An error that the user can fix. `message` says what is wrong and how to fix it. */
export class CliError extends Error {
  override readonly name = "CliError";

  constructor(
    message: string,
    readonly code: ExitCode = exitCode.failure,
  ) {
    super(message);
  }
}

/** An error in the command line itself: a missing argument, options that exclude each other. */
export function usageError(message: string): CliError {
  return new CliError(message, exitCode.usage);
}
