/** Child processes of an installation. */
import { spawn } from "node:child_process";

export interface Ended {
  /** The exit code. Undefined when the program could not start. */
  readonly code: number | null | undefined;
  readonly signal: NodeJS.Signals | null;
  /** Its output on both streams. */
  readonly output: string;
}

/** Runs a program and waits for its end. Never rejects. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    // npm is a shell script only on Windows, where nothing is installed.
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const listen = (part: string): void => void (output += part);
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.on("error", (error) => resolve({ code: undefined, signal: null, output: error.message }));
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}

/** The most informative line of a failed program's output. */
export function telling(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /\berr(or)?\b/i.test(line));
  return errors[0] ?? lines.filter((line) => line !== "").at(-1) ?? "it said nothing";
}
