/**
 * Returns a diverged run to its last good checkpoint and continues with other random numbers.
 *
 * The same random numbers would diverge again. config.json records every return, so a resumed run
 * uses the same numbers as an uninterrupted one.
 */
import type { Averaging } from "./averaging.js";
import { checkpointPath, readNewestCheckpoint } from "./checkpoint.js";
import { announced, readTogether } from "./workers/checkpoints.js";
import type { Workers } from "./workers/workers.js";
import type { Config } from "./config.js";
import type { Learner, LearnerState } from "./learner.js";
import { truncateMetrics } from "./metrics.js";
import type { RunPaths } from "./run-paths.js";
import { readRunRecord, writeRunRecord, type Rollback } from "./run-record.js";
import { initialState, runFrom, type RunState, type Session } from "./session.js";

/** The attempt number of iteration `t`, which selects the key: the returns to `t` or before. */
export function attemptAt(rolledBack: readonly Rollback[], t: number): number {
  return rolledBack.filter(({ to }) => to <= t).length;
}

/** Returns of a learner with `limits` before its run fails. */
const returnsWithin = 5;

/** How often a run may return: as configured, or as its learner has it. */
export const mostRollbacks = (configured: number | null, { limits }: Pick<Learner, "limits">): number =>
  configured ?? (limits === undefined ? 0 : returnsWithin);

/** The factor of the learning rates of iteration `t`: a third for each return to `t` or before. */
export const rateAt = (rolledBack: readonly Rollback[], t: number, { limits }: Pick<Learner, "limits">): number =>
  limits === undefined ? 1 : 3 ** -attemptAt(rolledBack, t);

/** The state from which the run continues. */
export interface RolledBack<S extends LearnerState> {
  readonly run: RunState<S>;
  readonly iteration: number;
  readonly checkpoint: string | undefined;
  readonly rolledBack: readonly Rollback[];
}

/**
 * Returns the run in the folder to its last good checkpoint, or to its start if there is none. All
 * workers return together.
 *
 * @throws RunFolderError, CheckpointError
 */
export async function rollBack<S extends LearnerState, B>(
  session: Session<S, B>,
  paths: RunPaths,
  returning: {
    readonly config: Config;
    readonly averaging: Averaging | undefined;
    readonly from: number;
    readonly before: readonly Rollback[];
    readonly workers: Workers;
  },
): Promise<RolledBack<S>> {
  const { config, averaging, from, before, workers } = returning;
  const newest = workers.index > 0 ? undefined : (await readNewestCheckpoint(paths.checkpoints, config)).checkpoint;
  if (workers.index === 0) {
    const iteration = newest?.iteration ?? 0;
    await truncateMetrics(paths.metrics, iteration);
    const record = await readRunRecord(paths.folder);
    await writeRunRecord(paths, { ...record, rolledBack: [...before, { from, to: iteration }] });
  }
  const at = await announced(workers, newest?.iteration);
  const checkpoint = newest ?? (at === undefined ? undefined : await readTogether(workers, paths, at, config));
  const iteration = at ?? 0;
  const rolledBack = [...before, { from, to: iteration }];
  const path = checkpointPath(paths.checkpoints, iteration);
  const run = runFrom(await initialState(session), checkpoint, averaging, path);
  return { run, iteration, checkpoint: checkpoint && path, rolledBack };
}
