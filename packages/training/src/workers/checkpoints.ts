/**
 * Checkpoints of a run of several workers.
 *
 * Worker 0 writes the checkpoint of the run. Each other worker writes the tensors that it has
 * different, in its own folder and before worker 0. So a checkpoint of the run is complete.
 */
import { join } from "node:path";
import {
  checkpointPath,
  readCheckpoint,
  removeOldCheckpoints,
  writeCheckpoint,
  type Checkpoint,
  type CheckpointOwner,
  type Retention,
} from "../checkpoint.js";
import type { Config } from "../config.js";
import { CheckpointError } from "../errors.js";
import { ownFolder } from "../files.js";
import type { RunPaths } from "../run-paths.js";
import { ownTensors } from "./agreement.js";
import { meet, type Workers } from "./workers.js";

const folderOf = ({ workers }: RunPaths, index: number): string => join(workers, String(index));

const everything: Retention = { keep: Infinity, every: 1 };

/**
 * Writes a checkpoint of all workers.
 *
 * @returns the path of worker 0's
 * @throws RunFolderError
 * @throws WorkersError when parameters or optimisers of workers differ
 */
export async function writeTogether(
  workers: Workers,
  paths: RunPaths,
  checkpoint: Checkpoint,
  owner: CheckpointOwner,
  retention: Retention,
): Promise<string> {
  if (workers.count === 1) return writeCheckpoint(paths.checkpoints, checkpoint, owner, retention);
  const { iteration } = checkpoint;
  const tensors = await ownTensors(workers, checkpoint.tensors);
  if (workers.index > 0) {
    const folder = await ownFolder(paths.folder, "workers", String(workers.index));
    await writeCheckpoint(folder, { iteration, tensors }, owner, everything);
  }
  await meet(workers);
  if (workers.index === 0) await writeCheckpoint(paths.checkpoints, checkpoint, owner, retention);
  await meet(workers);
  if (workers.index > 0) await removeOldCheckpoints(folderOf(paths, workers.index), iteration, retention);
  return checkpointPath(paths.checkpoints, iteration);
}

/**
 * The checkpoint of this worker at an iteration: that of worker 0 with its own tensors in place of
 * those of worker 0.
 *
 * @param others whether the run was of another number of workers. A worker without own tensors then
 *   takes those of worker 0.
 * @throws CheckpointError
 */
export async function readTogether(
  workers: Workers,
  paths: RunPaths,
  iteration: number,
  config: Config,
  others = false,
): Promise<Checkpoint> {
  const common = await readCheckpoint(paths.checkpoints, iteration, config);
  if (workers.index === 0) return common;
  try {
    const own = await readCheckpoint(folderOf(paths, workers.index), iteration, config);
    const byName = new Map(own.tensors.map((tensor) => [tensor.name, tensor]));
    return { iteration, tensors: common.tensors.map((tensor) => byName.get(tensor.name) ?? tensor) };
  } catch (error) {
    if (others && error instanceof CheckpointError && error.reason === "missing") return common;
    throw error;
  }
}

const HALF = 2 ** 16;

/** What worker 0 announces, once every worker is there. Only worker 0 gives a number. */
export async function announced(workers: Workers, iteration: number | undefined): Promise<number | undefined> {
  const own = iteration === undefined ? [0, 0, 0] : [1, iteration % HALF, Math.floor(iteration / HALF)];
  const [known, low, high] = (await workers.gather(own, Infinity))[0]!.map(Math.round) as [number, number, number];
  return known === 1 ? low + HALF * high : undefined;
}
