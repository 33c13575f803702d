/** A measured child process. It runs one case and takes one sample per request. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import type { Fingerprint } from "./agreement.js";
import type { Check, Ready, Request, Sample } from "./protocol.js";

export interface PeerProcess {
  readonly ready: Ready;
  sample(request: Request): Promise<Sample>;
  /** The fingerprint of its results. */
  check(): Promise<Fingerprint>;
  close(): Promise<void>;
}

/** A process from {@link startPeer}. It also answers requests of other protocols. */
export interface StartedProcess extends PeerProcess {
  ask<Answer>(question: object): Promise<Answer>;
}

/**
 * Starts `command args` and waits until its case is ready.
 *
 * @throws Error with the end of its stderr when the process exits before it answers.
 */
export async function startPeer(command: string, args: readonly string[]): Promise<StartedProcess> {
  const child = spawn(command, args, { stdio: "pipe" });
  const next = answersOf(child, command);
  const ready = (await next()) as Ready;
  const ask = <Answer>(question: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return next() as Promise<Answer>;
  };
  return {
    ready,
    ask,
    sample: (request: Request) => ask<Sample>(request),
    check: async () => (await ask<Check>({ check: true })).fingerprint,
    close() {
      return new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.stdin.end();
      });
    },
  };
}

/** Reads the next line of a child's stdout as JSON. Rejects when the child has exited. */
function answersOf(child: ChildProcessWithoutNullStreams, command: string): () => Promise<unknown> {
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints = (complaints + text).slice(-2000)));
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      reject(new Error(`${command} ended (${signal ?? `exit code ${code}`}): ${complaints.trim() || "no message"}`)),
    );
  });
  failed.catch(() => undefined);
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    return done ? failed : JSON.parse(value);
  };
  return () => Promise.race([line(), failed]);
}
