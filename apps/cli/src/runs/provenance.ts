/**
 * Provenance of a run for its record: the command, the version, the experiment and the state of its
 * repository.
 */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Provenance } from "@ergodic/training/node";
import type { ResolvedExperiment } from "../experiments/resolve.js";
import { version } from "../manifest.js";

const run = promisify(execFile);

/** Provenance of this command and its experiment. */
export async function provenanceOf({ origin, source }: ResolvedExperiment): Promise<Provenance> {
  const git = await gitState(source === undefined ? process.cwd() : dirname(origin));
  return {
    ...{ origin, command: ["ergodic", ...process.argv.slice(2)], versions: { ergodic: version } },
    ...(source === undefined ? {} : { source }),
    ...(git === undefined ? {} : { git }),
  };
}

/**
 * The commit of a folder, and whether tracked files differ from it. Undefined outside a repository
 * or without git.
 */
async function gitState(folder: string): Promise<Provenance["git"]> {
  // The monitor is disabled: git would run the program that a repository's settings name as
  // monitor.
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run("git", ["-C", folder, "-c", "core.fsmonitor=false", ...args], { timeout: 10_000 })).stdout.trim();
  try {
    const commit = await git("rev-parse", "--verify", "HEAD");
    return { commit, changed: (await git("status", "--porcelain", "--untracked-files=no")) !== "" };
  } catch {
    return undefined;
  }
}
