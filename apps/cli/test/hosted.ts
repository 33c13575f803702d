/** Runs the commands of a test file in one process, which loads its modules once. */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = fileURLToPath(new URL("command-host.mjs", import.meta.url));
const streams = ["stdout", "stderr"] as const;
const ending = /\0(\d+)\0$/;

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();
afterAll(() => host?.disconnect());

/** Runs `ergodic ...args` in `cwd`, after the commands before it. `env` is that of the first. */
export function hosted(env: NodeJS.ProcessEnv, cwd: string, args: readonly string[]): Promise<Outcome> {
  const outcome = last.then(() => {
    host ??= spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    return answer(host, { cwd, args });
  });
  last = outcome.catch(() => undefined);
  return outcome;
}

/** What a command writes until it ends, or its process does. */
function answer(child: ChildProcess, command: { cwd: string; args: readonly string[] }): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const said = { stdout: "", stderr: "" };
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      for (const name of streams) child[name]!.removeAllListeners("data");
      child.removeAllListeners("close").removeAllListeners("error");
      const [stdout, stderr] = [said.stdout.replace(ending, ""), said.stderr.replace(ending, "")];
      resolve({ code, signal, stdout, stderr });
    };
    for (const name of streams)
      child[name]!.setEncoding("utf8").on("data", (part: string) => {
        said[name] += part;
        const code = ending.exec(said.stdout)?.[1];
        if (code !== undefined && ending.test(said.stderr)) end(Number(code), null);
      });
    child.once("error", reject).once("close", (code, signal) => {
      host = undefined;
      end(code, signal);
    });
    child.send(command);
  });
}
