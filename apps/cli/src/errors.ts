/** What the command line can end with: an error of its own, and an exit code a script can rely on. */

export const exitCode = { ok: 0, failure: 1, usage: 2, hungUp: 129, interrupted: 130, terminated: 143 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Something the user can mend; `message` says what is wrong and how. */
export class CliError extends Error {
  override readonly name = "CliError";

  constructor(
    message: string,
    readonly code: ExitCode = exitCode.failure,
  ) {
    super(message);
  }
}

/** The command line itself is wrong: a missing argument, options that exclude one another. */
export function usageError(message: string): CliError {
  return new CliError(message, exitCode.usage);
}
