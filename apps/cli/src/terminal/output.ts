/**
 * Output to stdout and stderr.
 *
 * Results go to stdout (pure JSON with --json), everything else to stderr. If a reader closes the
 * pipe early (`ergodic ... | head`), the program ends quietly.
 */
import { writeSync } from "node:fs";
import { exitCode } from "../errors.js";
import { painted, painter } from "./colour.js";
import type { ProgressTarget } from "./progress.js";

/** Writes a result to stdout. */
export function result(text: string): void {
  write(process.stdout, painted(text, painter(process.stdout)));
}

const write = (stream: NodeJS.WriteStream, text: string): void =>
  void stream.write(text.endsWith("\n") ? text : `${text}\n`);

/**
 * A value as a JSON document. Numbers that JSON cannot represent are written as strings ("NaN").
 */
export function jsonText(value: unknown): string {
  const safe = (_: string, item: unknown) => (typeof item === "number" && !Number.isFinite(item) ? String(item) : item);
  return `${JSON.stringify(value, safe, 2)}\n`;
}

/** Writes a result as one JSON document. */
export function jsonResult(value: unknown): void {
  write(process.stdout, jsonText(value));
}

/** Writes a message to stderr. */
export function note(text: string): void {
  write(process.stderr, painted(text, painter(process.stderr)));
}

/** Progress on stderr. */
export const stderrTarget: ProgressTarget = {
  write: (text) => void process.stderr.write(painted(text, painter(process.stderr))),
  isTerminal: process.stderr.isTTY === true && process.env["TERM"] !== "dumb",
  width: () => process.stderr.columns || 80, // some terminals report 0
  now: () => performance.now(),
};

let leave = (): void => process.exit(exitCode.ok);

/** Replaces the quiet exit after a closed pipe by `work`. Returns a function that restores it. */
export function whenReadersLeave(work: () => void): () => void {
  const before = leave;
  leave = work;
  return () => {
    leave = before;
  };
}

/** Whether npm started this program in a terminal. */
export function underNpmInTerminal(): boolean {
  return (
    process.env["npm_command"] !== undefined && [process.stdin, process.stderr].some(({ isTTY }) => isTTY === true)
  );
}

/**
 * Handles write errors: a closed pipe or terminal ends the program quietly, a full disk with a
 * message.
 */
export function quitWhenPipesClose(): void {
  for (const [name, stream] of Object.entries({ stdout: process.stdout, stderr: process.stderr })) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || error.code === "EIO") return leave();
      void tellLast(Object.assign(error, { path: name })).finally(() => process.exit(exitCode.failure));
    });
  }
}

/** Writes the error to stderr before the process ends, if stderr accepts it. */
async function tellLast(error: Error): Promise<void> {
  const { describeError } = await import("../describe-error.js");
  try {
    writeSync(process.stderr.fd, `${describeError(error, false)}\n`);
  } catch {
    // Nobody reads stderr either.
  }
}
