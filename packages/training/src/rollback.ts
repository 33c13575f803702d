/**
 * Going back to the last good checkpoint of a run that diverged, and on from there with other
 * random numbers: with the same ones it would diverge again. config.json remembers every return, so
 * that a run that is resumed uses the numbers of one that was not stopped.
 */
import type { Averaging } from "./averaging.js";
import { checkpointPath, readNewestCheckpoint } from "./checkpoint.js";
import type { Config } from "./config.js";
import type { LearnerState } from "./learner.js";
import { truncateMetrics } from "./metrics.js";
import type { RunPaths } from "./run-paths.js";
import { readRunRecord, writeRunRecord, type Rollback } from "./run-record.js";
import { initialState, runFrom, type RunState, type Session } from "./session.js";

/** How often the run has come to iteration `t` after a return: the attempt whose key it uses. */
export function attemptAt(rolledBack: readonly Rollback[], t: number): number {
  return rolledBack.filter(({ to }) => to <= t).length;
}

/** Where the run goes on. */
export interface RolledBack<S extends LearnerState> {
  readonly run: RunState<S>;
  readonly iteration: number;
  readonly checkpoint: string | undefined;
  readonly rolledBack: readonly Rollback[];
}

/**
 * Takes the run in the folder back to its last good checkpoint, or to its beginning if there is
 * none.
 *
 * @throws RunFolderError, CheckpointError
 */
export async function rollBack<S extends LearnerState, B>(
  session: Session<S, B>,
  paths: RunPaths,
  { config, averaging, from }: { config: Config; averaging: Averaging | undefined; from: number },
): Promise<RolledBack<S>> {
  const { checkpoint } = await readNewestCheckpoint(paths.checkpoints, config);
  const iteration = checkpoint?.iteration ?? 0;
  const path = checkpointPath(paths.checkpoints, iteration);
  const record = await readRunRecord(paths.folder);
  const rolledBack = [...(record.rolledBack ?? []), { from, to: iteration }];
  await truncateMetrics(paths.metrics, iteration);
  await writeRunRecord(paths, { ...record, rolledBack });
  const run = runFrom(await initialState(session), checkpoint, averaging, path);
  return { run, iteration, checkpoint: checkpoint && path, rolledBack };
}
