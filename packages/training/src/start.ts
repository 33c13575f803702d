/** The beginning of a sitting: a new run or the continuation of an old one, up to the first iteration. */
import { ensureEngine } from "@ergodic/engine";
import { version } from "../package.json";
import type { Averaging } from "./averaging.js";
import { checkpointPath, listCheckpoints, readNewestCheckpoint } from "./checkpoint.js";
import type { Config } from "./config.js";
import { CheckpointError } from "./errors.js";
import type { Experiment } from "./experiment.js";
import {
  prepareNewFolder,
  prepareOldFolder,
  runFormatVersion,
  writeRunRecord,
  type RunPaths,
  type RunRecord,
} from "./folder.js";
import type { LearnerState } from "./learner.js";
import { truncateMetrics } from "./metrics.js";
import { initialState, openSession, stateFrom, type RunState, type Session } from "./session.js";
import { removeFolderWhole } from "./files.js";

/** What decides how a sitting begins. */
export interface StartOptions<S extends LearnerState, Batch, O, E> {
  readonly experiment: Experiment<S, Batch, O, E>;
  readonly config: Config<O>;
  readonly folder: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly origin: string | undefined;
  readonly averaging: Averaging | undefined;
  notice(message: string): void;
}

/** A sitting, ready for its first iteration. */
export interface Start<S extends LearnerState, Batch> {
  readonly session: Session<S, Batch>;
  readonly paths: RunPaths;
  readonly run: RunState<S>;
  /** Completed iterations. */
  readonly iteration: number;
  /** Training time of earlier sittings. */
  readonly seconds: number;
  /** The checkpoint it continues from. */
  readonly checkpoint: string | undefined;
}

/** Prepares folder, data, model and state. @throws RunFolderError, CheckpointError, and whatever data and model throw. */
export async function startRun<S extends LearnerState, B, O, E>(
  options: StartOptions<S, B, O, E>,
): Promise<Start<S, B>> {
  return options.resume ? continueRun(options) : beginRun(options);
}

async function beginRun<S extends LearnerState, B, O, E>(options: StartOptions<S, B, O, E>): Promise<Start<S, B>> {
  const paths = await prepareNewFolder(options.folder, options.overwrite);
  const engine = await ensureEngine();
  const session = await openSession(options.experiment, options.config);
  await writeRunRecord(paths, newRecord(options, session, engine));
  const state = await initialState(session);
  const averaged = options.averaging?.start(state.params);
  return { session, paths, run: { state, averaged }, iteration: 0, seconds: 0, checkpoint: undefined };
}

async function continueRun<S extends LearnerState, B, O, E>(options: StartOptions<S, B, O, E>): Promise<Start<S, B>> {
  const { config, averaging, notice } = options;
  const { paths, record } = await prepareOldFolder(options.folder);
  const { checkpoint, damaged } = await readNewestCheckpoint(paths.checkpoints, config);
  const iteration = checkpoint?.iteration ?? 0;
  if (iteration > config.training.iterations) {
    throw new CheckpointError(
      "incompatible",
      `the newest checkpoint of ${paths.folder} has ${iteration} iterations; training.iterations is ${config.training.iterations}.`,
      "Set training.iterations to at least that, or start a new run.",
    );
  }
  for (const error of damaged) notice(`${error.problem} Continuing from an older one, and removing it.`);
  if (checkpoint === undefined) notice("the run has no checkpoint yet; it starts again from iteration 0.");
  const engine = await ensureEngine();
  if (engine.name !== record.engine.name) {
    notice(
      `the run was made on engine ${record.engine.name}, this is ${engine.name}: it goes on, but not bit for bit the same.`,
    );
  }
  const session = await openSession(options.experiment, config);
  const fresh = await initialState(session);
  const path = checkpoint === undefined ? undefined : checkpointPath(paths.checkpoints, iteration);
  const run =
    checkpoint === undefined || path === undefined
      ? { state: fresh, averaged: averaging?.start(fresh.params) }
      : stateFrom(fresh, checkpoint, averaging !== undefined, path);
  for (const newer of (await listCheckpoints(paths.checkpoints)).filter((saved) => saved > iteration)) {
    await removeFolderWhole(checkpointPath(paths.checkpoints, newer));
  }
  const lastLine = await truncateMetrics(paths.metrics, iteration);
  const sitting = { date: new Date().toISOString(), iteration, engine: engine.name };
  await writeRunRecord(paths, { ...record, config, resumed: [...record.resumed, sitting] });
  return { session, paths, run, iteration, seconds: lastLine?.seconds ?? 0, checkpoint: path };
}

function newRecord<S extends LearnerState, B, O, E>(
  { experiment, config, origin }: StartOptions<S, B, O, E>,
  { learner, dataset }: Session<S, B>,
  engine: { name: string; description: string },
): RunRecord {
  return {
    format: "ergodic-run",
    version: runFormatVersion,
    experiment: experiment.name ?? null,
    description: experiment.description ?? null,
    origin: origin ?? null,
    config,
    seed: config.training.seed,
    data: dataset.description,
    model: learner.describe?.() ?? null,
    engine: { name: engine.name, description: engine.description },
    versions: { node: process.versions.node, "@ergodic/training": version },
    date: new Date().toISOString(),
    resumed: [],
  };
}
