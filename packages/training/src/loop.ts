/**
 * The training loop: batch, update, average, check, log, checkpoint, samples.
 *
 * Iteration t (from 0) depends only on the batch `batches.at(t)`, the key of t and the state. A run
 * that is killed and resumed therefore gives the same numbers as an uninterrupted one.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { ensureEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { movingAverage, type Averaging } from "./averaging.js";
import { checkpointPath } from "./checkpoint.js";
import { claimRun, followClaim } from "./claim.js";
import { resolveConfig, type Config } from "./config.js";
import { disposeTensors } from "./dispose.js";
import { beyondLimit, DivergenceError, nonFiniteMetric, nonFiniteState, type Symptom } from "./divergence.js";
import type { Experiment } from "./experiment.js";
import { explain } from "./explanation.js";
import { explosionWatch } from "./explosion.js";
import type { LearnerState } from "./learner.js";
import { metricValues } from "./metric-values.js";
import { appendMetrics, readMetrics } from "./metrics.js";
import { phaseAt } from "./phases.js";
import { rateMeter, type Progress } from "./progress.js";
import { isPublished, publish } from "./publish.js";
import { writeReport } from "./report.js";
import { writeStanding } from "./standing.js";
import { attemptAt, mostRollbacks, rateAt, rollBack } from "./rollback.js";
import { checkpointTree, parameterSizes, shownState, type RunState } from "./session.js";
import { takeSnapshot } from "./snapshot.js";
import { recordOfSource } from "./source.js";
import { startRun, type Provenance, type Start } from "./start.js";
import { assertSame } from "./workers/agreement.js";
import { writeTogether } from "./workers/checkpoints.js";
import { meanMetrics } from "./workers/metrics.js";
import { currentWorkers, meet, type Workers } from "./workers/workers.js";

/** Events outside the iterations, for display. */
export type TrainingEvent =
  | {
      readonly kind: "started";
      readonly iteration: number;
      readonly folder: string;
      readonly data: string;
      readonly model: string;
      /** The checkpoint that the run resumes from, if any. */
      readonly checkpoint: string | undefined;
    }
  | { readonly kind: "checkpoint"; readonly iteration: number; readonly path: string }
  | { readonly kind: "samples"; readonly iteration: number; readonly path: string }
  | { readonly kind: "notice"; readonly message: string };

/** Options of `train`. */
export interface TrainOptions<S extends LearnerState, Batch, O, E> extends Provenance {
  readonly experiment: Experiment<S, Batch, O, E>;
  /** Default: the experiment's own settings, `resolveConfig(experiment)`. */
  readonly config?: Config<O>;
  /** The run folder. It is created if it does not exist. */
  readonly folder: string;
  /** Continue the run in `folder` from its newest usable checkpoint. */
  readonly resume?: boolean;
  /** Replace the results of an earlier run in `folder`, and accept a folder with other files. */
  readonly overwrite?: boolean;
  /** Continue a run that was of another number of workers. */
  readonly acceptWorkers?: boolean;
  /** Called after every iteration. */
  readonly onProgress?: (progress: Progress) => void;
  readonly onEvent?: (event: TrainingEvent) => void;
  /**
   * On abort, the current iteration is finished, a checkpoint is written and `train` returns.
   *
   * Before the first iteration, `train` rejects at once with the signal's reason and leaves the
   * folder unchanged.
   */
  readonly signal?: AbortSignal;
}

/** The result of `train`. */
export interface TrainingResult {
  readonly status: "completed" | "interrupted";
  readonly folder: string;
  /** Completed iterations. */
  readonly iteration: number;
  readonly iterations: number;
  /** Metrics of the last iteration of this call; empty when it had none. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly checkpoint: string;
  readonly report: string;
}

/**
 * Trains the model of an experiment. The folder is locked until training ends.
 *
 * In a cluster (`joinCluster` of `@ergodic/engine`) all workers call it with the same options and
 * train one model: each sees its share of every batch and draws its own noise, gradients and metrics
 * are means over the workers, and worker 0 writes the folder, which all of them must see.
 *
 * @throws DivergenceError when a metric or parameter is not finite, a metric grows without bound,
 *   or it is beyond a limit of the learner. The last good checkpoint is kept.
 * @throws ValidationError for a metric that is not a number.
 * @throws RunFolderError when the folder is unusable, another process trains in it, or the disk is
 *   full.
 * @throws CheckpointError when `resume` finds no checkpoint that fits.
 * @throws ConfigError for an invalid configuration.
 * @throws WorkersError when workers come with other code, versions or settings, or drift apart, or
 *   when `resume` finds a run of another number of workers.
 */
export async function train<S extends LearnerState, B, O, E>(
  options: TrainOptions<S, B, O, E>,
): Promise<TrainingResult> {
  const { experiment, folder, resume = false, overwrite = false, acceptWorkers = false, onEvent, signal } = options;
  const config = options.config ?? resolveConfig(experiment);
  const { averaging: decay } = config.training;
  const averaging = decay === null ? undefined : movingAverage(decay);
  const notice = (message: string) => onEvent?.({ kind: "notice", message });
  const command = options.command?.join(" ") ?? null;
  const workers = currentWorkers();
  try {
    const { source, versions } = options;
    const code = source && recordOfSource(source).sha256;
    const { description: engine } = await ensureEngine();
    await assertSame(workers, { code, engine, versions, ...config, resume });
    const claiming = { folder, resume, overwrite, command, notice };
    const claim = workers.index === 0 ? await claimRun(claiming) : await followClaim(claiming);
    try {
      const starting = { experiment, config, claim, provenance: options, averaging, signal, notice };
      const start = await startRun({ ...starting, workers, acceptWorkers });
      try {
        return await iterate({ ...options, config, workers }, start, averaging);
      } finally {
        await start.session.learner.dispose?.();
      }
    } finally {
      await claim.release();
    }
  } finally {
    await averaging?.dispose();
  }
}

async function iterate<S extends LearnerState, B, O, E>(
  options: TrainOptions<S, B, O, E> & { readonly config: Config<O>; readonly workers: Workers },
  start: Start<S, B>,
  averaging: Averaging | undefined,
): Promise<TrainingResult> {
  const { experiment, config, onProgress, onEvent, signal, workers } = options;
  const leads = workers.index === 0;
  const { session, paths } = start;
  const { learner, batches, keys } = session;
  const { iterations, phases, checkpointEvery, sampleEvery, sampleCount, logEvery, keepCheckpoints } = config.training;
  const { guard } = config.training;
  const rollbacks = mostRollbacks(config.training.rollbacks, learner);
  const limits = (guard ? learner.limits : undefined) ?? {};
  let { run, iteration, checkpoint, rolledBack } = start;
  const openWatch = async () => (guard ? explosionWatch(await readMetrics(paths.metrics)) : undefined);
  let watch = await openWatch();
  /** Whether to write a checkpoint as soon as no metric is suspicious. */
  let due = false;
  let metrics: Readonly<Record<string, number>> | undefined;
  /** Whether training is to stop. Workers decide it together, after an iteration. */
  let stopping = false;
  let shownAt: number | undefined;
  let savedAt = checkpoint === undefined ? undefined : iteration;
  const meter = rateMeter();
  const began = performance.now();

  /** Writes a checkpoint, unless the state is not finite. */
  async function save(): Promise<Symptom | undefined> {
    if (checkpoint !== undefined && savedAt === iteration) return undefined;
    const tensors = await takeSnapshot(checkpointTree(run));
    const spoiled = nonFiniteState(tensors, iteration);
    const ofOthers = (await workers.gather([Number(spoiled !== undefined)])).findIndex(([found]) => found! > 0);
    if (spoiled !== undefined) return spoiled;
    if (ofOthers >= 0) return { metric: `the state of worker ${ofOthers}`, value: NaN, since: iteration };
    const owner = { experiment: experiment.name, config };
    const retention = { keep: keepCheckpoints, every: checkpointEvery };
    checkpoint = await writeTogether(workers, paths, { iteration, tensors }, owner, retention);
    savedAt = iteration;
    due = false;
    onEvent?.({ kind: "checkpoint", iteration, path: checkpoint });
    return undefined;
  }

  /** Returns to the last good checkpoint while `rollbacks` permits it. @throws DivergenceError */
  async function recover(symptom: Symptom): Promise<void> {
    const evidence = { ...session, config, since: symptom.since, iteration, lastGood: savedAt ?? 0 };
    const explanation = await explain(evidence);
    const standing = { iteration, lastFinite: metrics, lastCheckpoint: checkpoint, explanation };
    const error = new DivergenceError({ ...symptom, ...standing });
    if (explanation.reason === "data" || rolledBack.length >= rollbacks) throw error;
    disposeTensors(checkpointTree(run));
    ({ run, iteration, checkpoint, rolledBack } = await rollBack(session, paths, {
      config,
      averaging,
      from: iteration,
      before: rolledBack,
      workers,
    }));
    [savedAt, due] = [checkpoint === undefined ? undefined : iteration, false];
    watch = await openWatch();
    const rate = rateAt(rolledBack, iteration, learner);
    const slower = rate === 1 ? "" : ` From there learning rates are ${rate.toPrecision(3)} times those of the start.`;
    const count = `${rolledBack.length} of ${rollbacks}`;
    const message = `${error.problem}\n  Rolled back to iteration ${iteration} (${count}).${slower}`;
    onEvent?.({ kind: "notice", message });
  }

  async function show(): Promise<void> {
    if (shownAt === iteration) return;
    shownAt = iteration;
    if (leads) {
      const state = shownState(run);
      const batch = () => batches.at(0);
      const path = await publish(paths, { learner, state, key: keys.show, count: sampleCount, iteration, batch });
      if (path !== undefined) onEvent?.({ kind: "samples", iteration, path });
    }
    await meet(workers);
  }

  /** One iteration, with the logging, checkpoint and samples due after it. */
  async function step(): Promise<Symptom | undefined> {
    const batch = batches.at(iteration);
    const phase = phaseAt(phases, iteration);
    const attempt = attemptAt(rolledBack, iteration);
    const rate = rateAt(rolledBack, iteration, learner);
    const common = keys.iteration(iteration, attempt);
    const key = workers.count === 1 ? common : random.fold(common, workers.index);
    const context = { key, iteration, ...(phase && { phase }), ...(rate !== 1 && { rate }) };
    const updated = await learner.update(run.state, batch, context);
    iteration += 1;
    disposeTensors([batch, run.state], [updated.state, run.averaged]);
    run = { ...run, state: updated.state };
    const own = await metricValues(updated.metrics, updated.state);
    const { values, stop } = await meanMetrics(workers, own, signal?.aborted === true);
    stopping = stop;
    const symptom =
      nonFiniteMetric(values, iteration) ?? beyondLimit(values, limits, iteration) ?? watch?.see(iteration, values);
    if (symptom !== undefined) return symptom;
    metrics = values;
    run = await averaged(run, averaging, iteration);

    const seconds = start.seconds + (performance.now() - began) / 1000;
    const isLast = iteration === iterations;
    if (leads && (iteration % logEvery === 0 || isLast)) {
      const at = { iteration, seconds: Math.round(seconds * 1000) / 1000, ...(phase && { phase: phase.name }) };
      await appendMetrics(paths.metrics, { ...at, ...metrics, ...(attempt > 0 && { rollbacks: attempt, rate }) });
    }
    await nextTurn(); // Lets signals and timers run when a learner never yields.
    const iterationsPerSecond = meter.tick();
    const secondsLeft = (iterations - iteration) / iterationsPerSecond;
    onProgress?.({ iteration, iterations, phase: phase?.name, iterationsPerSecond, secondsLeft, metrics });
    due ||= iteration % checkpointEvery === 0;
    const spoiled = due && watch?.suspicion() === undefined ? await save() : undefined;
    if (spoiled !== undefined) return spoiled;
    if (iteration % sampleEvery === 0 && !isLast) {
      await show();
      if (leads) await writeReport(paths.folder);
    }
    return undefined;
  }

  /** The answer of worker 0 for all. */
  const sharedAnswer = async (own: Promise<boolean>): Promise<boolean> =>
    (await workers.gather([Number(await own)], Infinity))[0]![0]! > 0;

  const { dataset } = session;
  const model = [learner.describe?.(), parameterSizes(run.state)].filter((part) => part !== undefined).join("; ");
  if (leads) await writeStanding(paths, { status: "running" });
  onEvent?.({ kind: "started", iteration, folder: paths.folder, data: dataset.description, model, checkpoint });
  try {
    const isDue = iteration > 0 && iteration % sampleEvery === 0;
    // A killed process may not have written its samples.
    if (isDue && !(await sharedAnswer(isPublished(paths, learner, iteration)))) await show();
    for (;;) {
      const over = iteration === iterations || stopping || (workers.count === 1 && signal?.aborted === true);
      const symptom = over ? (watch?.suspicion() ?? (await save())) : await step();
      if (symptom !== undefined) await recover(symptom);
      else if (over) break;
    }
    const status = iteration === iterations ? "completed" : "interrupted";
    if (status === "completed") await show();
    if (leads) {
      await writeStanding(paths, { status });
      await writeReport(paths.folder);
    }
    const { folder, report } = paths;
    const saved = checkpointPath(paths.checkpoints, iteration);
    return { status, folder, iteration, iterations, metrics: metrics ?? {}, checkpoint: saved, report };
  } catch (error) {
    if (error instanceof DivergenceError && leads) {
      await writeStanding(paths, { status: "diverged", message: error.message });
      await writeReport(paths.folder);
    }
    throw error;
  } finally {
    disposeTensors(checkpointTree(run));
  }
}

/** The run with its moving average updated. The old average is disposed. */
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
