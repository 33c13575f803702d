/** status.json: whether a run is under way, ended, was stopped, or diverged. */
import { z } from "zod";
import { readTextIfAny, writeRunFile } from "./files.js";
import { parseJson } from "./json.js";
import { isGone, readLock } from "./lock.js";
import type { RunPaths } from "./run-paths.js";

const schema = z.union([
  z.object({ status: z.enum(["running", "completed", "interrupted"]) }),
  z.object({ status: z.literal("diverged"), message: z.string() }),
]);

/** The status of the run. */
export type RunStatus = z.output<typeof schema>;

/** @throws RunFolderError */
export async function writeStanding(paths: RunPaths, standing: RunStatus): Promise<void> {
  await writeRunFile(paths.status, `${JSON.stringify(standing)}\n`);
}

/**
 * The status of a run. A run whose process was killed is interrupted.
 *
 * @param ended whether the last logged iteration is the last of all, for runs of earlier versions
 *   without the file
 */
export async function readStanding(paths: RunPaths, ended: boolean): Promise<RunStatus> {
  const { data } = schema.safeParse(parseJson((await readTextIfAny(paths.status)) ?? ""));
  if (data !== undefined && data.status !== "running") return data;
  const owner = await readLock(paths.folder);
  if (owner !== undefined && !isGone(owner)) return { status: "running" };
  return { status: data === undefined && ended ? "completed" : "interrupted" };
}
