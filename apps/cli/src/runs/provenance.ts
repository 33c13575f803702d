/** Under what circumstances a run is started, for its record: the command, the version, the experiment, the state of its repository. */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Provenance } from "@ergodic/training";
import type { ResolvedExperiment } from "../experiments/resolve.js";
import { version } from "../manifest.js";

const run = promisify(execFile);

/** What a run keeps of its experiment and of this command. */
export async function provenanceOf({ origin, source }: ResolvedExperiment): Promise<Provenance> {
  const git = await gitState(source === undefined ? process.cwd() : dirname(origin));
  return {
    ...{ origin, command: ["ergodic", ...process.argv.slice(2)], versions: { ergodic: version } },
    ...(source === undefined ? {} : { source }),
    ...(git === undefined ? {} : { git }),
  };
}

/** The commit a folder is at, and whether files that git knows differ from it; undefined outside of a repository or without git. */
async function gitState(folder: string): Promise<Provenance["git"]> {
  // No monitor: what the settings of a repository name as one would be run.
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run("git", ["-C", folder, "-c", "core.fsmonitor=false", ...args], { timeout: 10_000 })).stdout.trim();
  try {
    const commit = await git("rev-parse", "--verify", "HEAD");
    return { commit, changed: (await git("status", "--porcelain", "--untracked-files=no")) !== "" };
  } catch {
    return undefined;
  }
}
