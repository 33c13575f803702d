/** Other programs that an installation runs. */
import { spawn } from "node:child_process";

export interface Ended {
  /** Undefined where the program could not be started. */
  readonly code: number | null | undefined;
  readonly signal: NodeJS.Signals | null;
  /** What it said, on both streams. */
  readonly output: string;
}

/** Runs a program to its end. Never rejects. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    // npm is a script for the shell on Windows alone; nothing is installed there.
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const listen = (part: string): void => void (output += part);
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.on("error", (error) => resolve({ code: undefined, signal: null, output: error.message }));
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}

/** The line of a program's output that says most about what went wrong. */
export function telling(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /\berr(or)?\b/i.test(line));
  return errors[0] ?? lines.filter((line) => line !== "").at(-1) ?? "it said nothing";
}
