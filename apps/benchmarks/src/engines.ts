/** Detection of the engines that load on this machine. */
import { spawnSync } from "node:child_process";

/**
 * Why an engine is excluded, in one line. Undefined if it runs the smallest case in its own
 * process.
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
