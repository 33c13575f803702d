/**
 * The training loop, top to bottom: batch, update, average, check, log, checkpoint, show. Iteration t (from 0) sees the batch
 * `batches.at(t)` and the key of t and nothing else but the state, so a run that is killed and resumed gives the numbers of one that
 * was not.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { movingAverage, type Averaging } from "./averaging.js";
import { writeCheckpoint } from "./checkpoint.js";
import { claimRun } from "./claim.js";
import { resolveConfig, type Config } from "./config.js";
import { disposeTensors } from "./dispose.js";
import { assertFiniteMetrics, assertFiniteState, DivergenceError, type Standing } from "./divergence.js";
import type { Experiment } from "./experiment.js";
import type { LearnerState } from "./learner.js";
import { appendMetrics } from "./metrics.js";
import { phaseAt } from "./phases.js";
import { rateMeter, type Progress } from "./progress.js";
import { isPublished, publish } from "./publish.js";
import { writeReport } from "./report.js";
import { checkpointTree, parameterSizes, shownState, type RunState } from "./session.js";
import { takeSnapshot } from "./snapshot.js";
import { startRun, type Provenance, type Start } from "./start.js";

/** What happens beside the iterations, for whoever tells the user. */
export type TrainingEvent =
  | {
      readonly kind: "started";
      readonly iteration: number;
      readonly folder: string;
      readonly data: string;
      readonly model: string;
      /** The checkpoint the run continues from, if it does. */
      readonly checkpoint: string | undefined;
    }
  | { readonly kind: "checkpoint"; readonly iteration: number; readonly path: string }
  | { readonly kind: "samples"; readonly iteration: number; readonly path: string }
  | { readonly kind: "notice"; readonly message: string };

/** How to train. */
export interface TrainOptions<S extends LearnerState, Batch, O, E> extends Provenance {
  readonly experiment: Experiment<S, Batch, O, E>;
  /** Default: the experiment's own settings, `resolveConfig(experiment)`. */
  readonly config?: Config<O>;
  /** The run folder; created when it does not exist. */
  readonly folder: string;
  /** Continue the run in `folder` from its newest sound checkpoint. */
  readonly resume?: boolean;
  /** Replace the results of an earlier run in `folder`, and accept a folder that holds other files. */
  readonly overwrite?: boolean;
  /** Called after every iteration. */
  readonly onProgress?: (progress: Progress) => void;
  readonly onEvent?: (event: TrainingEvent) => void;
  /**
   * When it aborts, the running iteration is finished, a checkpoint written, and training returns. Before the first iteration training
   * rejects at once with the signal's reason, and leaves the folder as it was.
   */
  readonly signal?: AbortSignal;
}

/** How training ended. */
export interface TrainingResult {
  readonly status: "completed" | "interrupted";
  readonly folder: string;
  /** Completed iterations. */
  readonly iteration: number;
  readonly iterations: number;
  /** Metrics of the last iteration of this sitting; empty when there was none. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly checkpoint: string;
  readonly report: string;
}

/**
 * Trains the model of an experiment. The folder is locked until training ends.
 *
 * @throws DivergenceError when a metric or a parameter is no longer finite (the last good checkpoint is kept); RunFolderError when the
 * folder can't be used, another process trains in it, or the disk is full; CheckpointError when `resume` finds nothing that fits; ConfigError for a bad configuration.
 */
export async function train<S extends LearnerState, B, O, E>(
  options: TrainOptions<S, B, O, E>,
): Promise<TrainingResult> {
  const { experiment, folder, resume = false, overwrite = false, onEvent, signal } = options;
  const config = options.config ?? resolveConfig(experiment);
  const { averaging: decay } = config.training;
  const averaging = decay === null ? undefined : movingAverage(decay);
  const notice = (message: string) => onEvent?.({ kind: "notice", message });
  const command = options.command?.join(" ") ?? null;
  try {
    const claim = await claimRun({ folder, resume, overwrite, command, notice });
    try {
      const start = await startRun({ experiment, config, claim, provenance: options, averaging, signal, notice });
      return await iterate({ ...options, config }, start, averaging);
    } finally {
      await claim.release();
    }
  } finally {
    await averaging?.dispose();
  }
}

async function iterate<S extends LearnerState, B, O, E>(
  options: TrainOptions<S, B, O, E> & { readonly config: Config<O> },
  start: Start<S, B>,
  averaging: Averaging | undefined,
): Promise<TrainingResult> {
  const { experiment, config, onProgress, onEvent, signal } = options;
  const { session, paths } = start;
  const { learner, batches, keys } = session;
  const { iterations, phases, checkpointEvery, sampleEvery, sampleCount, logEvery, keepCheckpoints } = config.training;
  let { run, iteration, checkpoint } = start;
  let metrics: Readonly<Record<string, number>> | undefined;
  let shownAt: number | undefined;
  let savedAt = checkpoint === undefined ? undefined : iteration;
  const meter = rateMeter();
  const began = performance.now();

  const standing = (lastFinite = metrics): Standing => ({ iteration, lastFinite, lastCheckpoint: checkpoint });

  async function save(): Promise<string> {
    if (checkpoint !== undefined && savedAt === iteration) return checkpoint;
    const tensors = await takeSnapshot(checkpointTree(run));
    assertFiniteState(tensors, standing());
    const owner = { experiment: experiment.name, config };
    checkpoint = await writeCheckpoint(paths.checkpoints, { iteration, tensors }, owner, keepCheckpoints);
    savedAt = iteration;
    onEvent?.({ kind: "checkpoint", iteration, path: checkpoint });
    return checkpoint;
  }

  async function show(): Promise<void> {
    if (shownAt === iteration) return;
    shownAt = iteration;
    const state = shownState(run);
    const batch = () => batches.at(0);
    const path = await publish(paths, { learner, state, key: keys.show, count: sampleCount, iteration, batch });
    if (path !== undefined) onEvent?.({ kind: "samples", iteration, path });
  }

  const { dataset } = session;
  const model = [learner.describe?.(), parameterSizes(run.state)].filter((part) => part !== undefined).join("; ");
  onEvent?.({ kind: "started", iteration, folder: paths.folder, data: dataset.description, model, checkpoint });
  try {
    const isDue = iteration > 0 && iteration % sampleEvery === 0;
    if (isDue && !(await isPublished(paths, learner, iteration))) await show(); // The process was killed before it did.
    while (iteration < iterations && signal?.aborted !== true) {
      const batch = batches.at(iteration);
      const phase = phaseAt(phases, iteration);
      const key = keys.iteration(iteration);
      const updated = await learner.update(run.state, batch, { key, iteration, ...(phase && { phase }) });
      const before = metrics;
      iteration += 1;
      disposeTensors([batch, run.state], [updated.state, run.averaged]);
      run = { ...run, state: updated.state };
      assertFiniteMetrics(updated.metrics, standing(before));
      metrics = updated.metrics;
      run = await averaged(run, averaging, iteration);

      const seconds = start.seconds + (performance.now() - began) / 1000;
      const isLast = iteration === iterations;
      if (iteration % logEvery === 0 || isLast) {
        const at = { iteration, seconds: Math.round(seconds * 1000) / 1000, ...(phase && { phase: phase.name }) };
        await appendMetrics(paths.metrics, { ...at, ...metrics });
      }
      await nextTurn(); // A learner that only computes would otherwise keep signals and timers waiting.
      const iterationsPerSecond = meter.tick();
      const secondsLeft = (iterations - iteration) / iterationsPerSecond;
      onProgress?.({ iteration, iterations, phase: phase?.name, iterationsPerSecond, secondsLeft, metrics });
      if (iteration % checkpointEvery === 0) await save();
      if (iteration % sampleEvery === 0 && !isLast) {
        await show();
        await writeReport(paths.folder, { status: "running" });
      }
    }
    const status = iteration === iterations ? "completed" : "interrupted";
    const saved = await save();
    if (status === "completed") await show();
    await writeReport(paths.folder, { status });
    const { folder, report } = paths;
    return { status, folder, iteration, iterations, metrics: metrics ?? {}, checkpoint: saved, report };
  } catch (error) {
    if (error instanceof DivergenceError)
      await writeReport(paths.folder, { status: "diverged", message: error.message });
    throw error;
  } finally {
    disposeTensors(checkpointTree(run));
  }
}

/** The run with its average moved on; the old average is disposed. */
async function averaged<S extends LearnerState>(
  run: RunState<S>,
  averaging: Averaging | undefined,
  iteration: number,
): Promise<RunState<S>> {
  if (averaging === undefined || run.averaged === undefined) return run;
  const next = await averaging.next(run.averaged, run.state.params, iteration);
  disposeTensors(run.averaged, [run.state, next]);
  return { ...run, averaged: next };
}
