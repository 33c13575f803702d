/** Which of our engines load on this machine. */
import { spawnSync } from "node:child_process";

/**
 * Why an engine is left out, in a line; undefined where it runs the smallest case, in a process of its own.
 *
 * @param worker the script that runs a case on an engine.
 */
export function whyLeftOut(engine: string, worker: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, [worker, "small-call", engine], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  const reason = /Error: (.*)/.exec(stderr)?.[1] ?? `its process ended with exit code ${status}`;
  return `${engine} was left out: ${reason}`;
}
