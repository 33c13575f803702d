/** Starts or resumes a run, up to the first iteration of this invocation of `train`. */
import { cpus } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import { ensureEngine } from "@ergodic/engine";
import { version } from "../package.json";
import type { Averaging } from "./averaging.js";
import { checkpointPath, listCheckpoints, readNewestCheckpoint, setAside } from "./checkpoint.js";
import type { Claim } from "./claim.js";
import type { Config } from "./config.js";
import { disposeTensors } from "./dispose.js";
import { CheckpointError, WorkersError } from "./errors.js";
import type { Experiment } from "./experiment.js";
import { clearRun, tidyRun } from "./folder.js";
import type { LearnerState } from "./learner.js";
import { truncateMetrics } from "./metrics.js";
import type { RunPaths } from "./run-paths.js";
import { runFormatVersion, writeRunRecord, type Circumstances, type Rollback, type RunRecord } from "./run-record.js";
import { initialState, openSession, runFrom, type RunState, type Session } from "./session.js";
import { announced, readTogether } from "./workers/checkpoints.js";
import type { Workers } from "./workers/workers.js";
import { recordOfSource, writeSource, type ExperimentSource } from "./source.js";

/** The origin of a run: its experiment and how it was started. Kept in config.json. */
export interface Provenance {
  /** Where to find the experiment again. */
  readonly origin?: string;
  /** The experiment's file and the files it imports. They are kept in the run folder. */
  readonly source?: ExperimentSource;
  /** The command line, as words. */
  readonly command?: readonly string[];
  /** Versions of programs and packages, in addition to Node and this package. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The repository of the experiment. */
  readonly git?: { readonly commit: string; readonly changed: boolean };
}

/** What determines how a run starts. */
export interface StartOptions<S extends LearnerState, Batch, O, E> {
  readonly experiment: Experiment<S, Batch, O, E>;
  readonly config: Config<O>;
  readonly claim: Claim;
  readonly workers: Workers;
  /** Continue a run of another number of workers. */
  readonly acceptWorkers: boolean;
  readonly provenance: Provenance;
  readonly averaging: Averaging | undefined;
  readonly signal: AbortSignal | undefined;
  notice(message: string): void;
}

/** A started run, ready for its first iteration. */
export interface Start<S extends LearnerState, Batch> {
  readonly session: Session<S, Batch>;
  readonly paths: RunPaths;
  readonly run: RunState<S>;
  /** Completed iterations. */
  readonly iteration: number;
  /** Training time of earlier invocations of `train`. */
  readonly seconds: number;
  /** The checkpoint that it resumes from. */
  readonly checkpoint: string | undefined;
  /** Returns after divergences in earlier invocations of `train`. */
  readonly rolledBack: readonly Rollback[];
}

/**
 * Prepares data, model and state in a claimed folder. The folder stays unchanged until everything
 * is ready. Worker 0 alone changes it; the others begin after it has.
 *
 * @throws CheckpointError, RunFolderError, any error of data and model, and the signal's reason as
 *   soon as it aborts.
 */
export async function startRun<S extends LearnerState, B, O, E>(
  options: StartOptions<S, B, O, E>,
): Promise<Start<S, B>> {
  const { record } = options.claim;
  return record === undefined ? beginRun(options) : continueRun(options, record);
}

async function beginRun<S extends LearnerState, B, O, E>(options: StartOptions<S, B, O, E>): Promise<Start<S, B>> {
  const { claim, provenance, workers } = options;
  const { paths } = claim;
  const engine = await ensureEngine();
  const { session, state } = await prepare(options);
  try {
    if (workers.index === 0) {
      await clearRun(paths);
      await writeRunRecord(paths, newRecord(options, session, engine));
      await writeSource(paths.experiment, provenance.source);
    }
    await announced(workers, 0);
    const run = { state, averaged: options.averaging?.start(state.params) };
    return { session, paths, run, iteration: 0, seconds: 0, checkpoint: undefined, rolledBack: [] };
  } catch (error) {
    disposeTensors(state);
    throw error;
  }
}

async function continueRun<S extends LearnerState, B, O, E>(
  options: StartOptions<S, B, O, E>,
  record: RunRecord,
): Promise<Start<S, B>> {
  const { config, averaging, provenance, notice, workers, acceptWorkers } = options;
  const { paths } = options.claim;
  const others = (record.workers ?? 1) !== workers.count;
  if (others && !acceptWorkers) throw otherWorkers(paths.folder, record.workers ?? 1, workers.count);
  if (workers.index > 0) return followRun(options, record, others);
  const { checkpoint, unusable } = await readNewestCheckpoint(paths.checkpoints, config);
  const iteration = checkpoint?.iteration ?? 0;
  if (iteration > config.training.iterations) {
    throw new CheckpointError(
      "incompatible",
      `the newest checkpoint of ${paths.folder} has ${iteration} iterations; training.iterations is ${config.training.iterations}.`,
      "Set training.iterations to at least that, or start a new run.",
    );
  }
  for (const { problem } of unusable) notice(`${problem} Continuing from an older one.`);
  if (checkpoint === undefined) notice("the run has no checkpoint yet; it starts again from iteration 0.");
  const engine = await ensureEngine();
  for (const difference of changedCircumstances(record, engine.name, versionsOf(provenance))) {
    notice(`the run was made ${difference}: it goes on, but perhaps not bit for bit the same.`);
  }
  const { session, state: fresh } = await prepare(options);
  const path = checkpointPath(paths.checkpoints, iteration);
  const run = runFrom(fresh, checkpoint, averaging, path);
  await tidyRun(paths);
  for (const newer of (await listCheckpoints(paths.checkpoints)).filter((saved) => saved > iteration)) {
    notice(`checkpoint ${newer} was renamed to ${await setAside(paths.checkpoints, newer)}.`);
  }
  const { last, torn } = await truncateMetrics(paths.metrics, iteration);
  if (torn > 0) notice(`${paths.metrics} had ${torn === 1 ? "a line" : `${torn} lines`} cut short, now dropped.`);
  await writeRunRecord(paths, continuedRecord(options, record, { iteration, engine: engine.name }));
  await writeSource(paths.experiment, provenance.source);
  const { rolledBack = [] } = record;
  await announced(workers, checkpoint?.iteration);
  return { session, paths, run, iteration, seconds: last?.seconds ?? 0, checkpoint: checkpoint && path, rolledBack };
}

/** The same for a worker that follows worker 0. It writes nothing. */
async function followRun<S extends LearnerState, B, O, E>(
  options: StartOptions<S, B, O, E>,
  { rolledBack = [] }: RunRecord,
  others: boolean,
): Promise<Start<S, B>> {
  const { config, averaging, workers, claim } = options;
  const { session, state: fresh } = await prepare(options);
  const at = await announced(workers, undefined);
  const { paths } = claim;
  const checkpoint = at === undefined ? undefined : await readTogether(workers, paths, at, config, others);
  const iteration = at ?? 0;
  const path = checkpointPath(paths.checkpoints, iteration);
  const run = runFrom(fresh, checkpoint, averaging, path);
  return { session, paths, run, iteration, seconds: 0, checkpoint: checkpoint && path, rolledBack };
}

const otherWorkers = (folder: string, then: number, now: number): WorkersError => {
  const counted = (count: number) => (count === 1 ? "one process" : `${count} workers`);
  return new WorkersError(
    `${folder} is a run of ${counted(then)}, this is ${counted(now)}. It would go on with other numbers.`,
    `Start ${counted(then)}, or accept the change with --accept-workers.`,
  );
};

/** Data, model and a fresh state. Stops waiting when the signal aborts. */
async function prepare<S extends LearnerState, B, O, E>(options: StartOptions<S, B, O, E>) {
  const { experiment, config, signal, workers } = options;
  const session = await unlessAborted(signal, () => openSession(experiment, config, workers));
  const state = await unlessAborted(signal, () => initialState(session));
  return { session, state };
}

async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function newRecord<S extends LearnerState, B, O, E>(
  { experiment, config, provenance, workers }: StartOptions<S, B, O, E>,
  { learner, dataset }: Session<S, B>,
  engine: { name: string; description: string },
): RunRecord {
  return {
    format: "ergodic-run",
    version: runFormatVersion,
    experiment: experiment.name ?? null,
    description: experiment.description ?? null,
    origin: provenance.origin ?? null,
    source: provenance.source && recordOfSource(provenance.source),
    config,
    seed: config.training.seed,
    data: dataset.description,
    model: learner.describe?.() ?? null,
    engine: { name: engine.name, description: engine.description },
    ...circumstances(provenance),
    ...(workers.count > 1 && { workers: workers.count }),
    date: new Date().toISOString(),
    resumed: [],
  };
}

/** The record of a run with one more invocation of `train`. Its experiment is the current one. */
function continuedRecord<S extends LearnerState, B, O, E>(
  { config, provenance, workers }: StartOptions<S, B, O, E>,
  { workers: _, ...record }: RunRecord,
  begun: { readonly iteration: number; readonly engine: string },
): RunRecord {
  const { origin, source } = provenance;
  const now = source === undefined ? record.source : recordOfSource(source);
  const changed = now !== undefined && now.sha256 !== record.source?.sha256 ? { sha256: now.sha256 } : {};
  const sitting = { date: new Date().toISOString(), ...begun, ...changed, ...circumstances(provenance) };
  return {
    ...record,
    ...(workers.count > 1 && { workers: workers.count }),
    config,
    origin: origin ?? record.origin,
    source: now,
    resumed: [...record.resumed, sitting],
  };
}

function circumstances(provenance: Provenance): Circumstances {
  const [processor] = cpus();
  return {
    command: provenance.command && [...provenance.command],
    versions: versionsOf(provenance),
    processor: `${processor?.model.trim() ?? process.arch}, ${cpus().length} cores, ${process.platform} ${process.arch}`,
    git: provenance.git,
  };
}

function versionsOf({ versions }: Provenance): Record<string, string> {
  const own = { "@ergodic/training": version, "@tensorflow/tfjs-core": tf.version_core };
  return { node: process.versions.node, ...own, ...versions };
}

/**
 * Differences from the circumstances of the original run, as "on engine onnx, this is cpu".
 * Versions of Node are ignored: they do not change results.
 */
function changedCircumstances(record: RunRecord, engine: string, versions: Readonly<Record<string, string>>): string[] {
  const before = record.resumed.at(-1)?.versions ?? record.versions ?? {};
  const changed = Object.entries(versions).filter(
    ([name, now]) => name !== "node" && before[name] !== undefined && before[name] !== now,
  );
  return [
    ...(engine === record.engine.name ? [] : [`on engine ${record.engine.name}, this is ${engine}`]),
    ...changed.map(([name, now]) => `with ${name} ${before[name]}, this is ${now}`),
  ];
}
