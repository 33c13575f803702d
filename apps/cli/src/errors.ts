/**
 * What the command line can end with, and how it says so: one clear message on stderr, the stack only when asked for, and an
 * exit code a script can rely on.
 */

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

/** The text for `error`: its message, with the stack and the chain of causes when `verbose`. */
export function describeError(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  if (!verbose) return `error: ${withoutErrorPrefix(plainMessage(error))}`;
  const own = error.stack ?? error.message;
  return error.cause === undefined
    ? `error: ${own}`
    : `error: ${own}\ncaused by ${describeError(error.cause, true).replace(/^error: /, "")}`;
}

function plainMessage(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const path = (error as NodeJS.ErrnoException).path;
  const where = path === undefined ? "" : ` (${path})`;
  switch (code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `no permission to write or read${where}. Choose another folder or change its permissions.`;
    case "ENOSPC":
      return `the disk is full${where}. Free some space or choose another folder with --out.`;
    case "ENOTDIR":
      return `a part of the path is a file, not a folder${where}. Choose another folder with --out.`;
    default:
      return error.message === "" ? error.name : error.message;
  }
}

function withoutErrorPrefix(message: string): string {
  return message.replace(/^(?:[A-Za-z]*Error|error): /, "");
}
