/**
 * The two streams, kept apart: results go to stdout (pure JSON with --json), everything else to stderr. A reader that closes
 * the pipe early (`ergodic ... | head`) ends the program quietly.
 */
import { writeSync } from "node:fs";
import { exitCode } from "../errors.js";
import type { ProgressTarget } from "./progress.js";

/** A result. */
export function result(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** A value as a JSON document. Numbers that JSON can't hold are written as strings ("NaN"). */
export function jsonText(value: unknown): string {
  const safe = (_: string, item: unknown) => (typeof item === "number" && !Number.isFinite(item) ? String(item) : item);
  return `${JSON.stringify(value, safe, 2)}\n`;
}

/** A result as JSON, one document. */
export function jsonResult(value: unknown): void {
  result(jsonText(value));
}

/** News about what is going on. */
export function note(text: string): void {
  process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Progress on stderr. */
export const stderrTarget: ProgressTarget = {
  write: (text) => void process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true && process.env["TERM"] !== "dumb",
  width: () => process.stderr.columns || 80, // some terminals say 0
  now: () => performance.now(),
};

let leave = (): void => process.exit(exitCode.ok);

/** Does `work` when nobody reads the output any more, where the program would leave quietly. Returns a function that undoes this. */
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

/** Leaves quietly when nobody reads any more, a pipe or a terminal was closed; with a message when what is written has no room. */
export function quitWhenPipesClose(): void {
  for (const [name, stream] of Object.entries({ stdout: process.stdout, stderr: process.stderr })) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || error.code === "EIO") return leave();
      void tellLast(Object.assign(error, { path: name })).finally(() => process.exit(exitCode.failure));
    });
  }
}

/** Says on stderr what went wrong, if that takes it, before the process ends. */
async function tellLast(error: Error): Promise<void> {
  const { describeError } = await import("../describe-error.js");
  try {
    writeSync(process.stderr.fd, `${describeError(error, false)}\n`);
  } catch {
    // Nobody is left to be told.
  }
}
