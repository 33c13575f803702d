/**
 * The parts of a run for training or use: learner, data, keys, and the state, fresh or from a
 * checkpoint.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { ensureEngine } from "@ergodic/engine";
import {
  type Batches,
  type Dataset,
  type Key,
  random,
  type TensorTree,
  trainedPart,
  type Tree,
  tree,
} from "@ergodic/tensor";
import type { Averaging } from "./averaging.js";
import {
  checkpointPath,
  misfit,
  readCheckpoint,
  readNewestCheckpoint,
  type Checkpoint,
  type NewestCheckpoint,
} from "./checkpoint.js";
import { restoreConfig, type Config } from "./config.js";
import { disposeTensors } from "./dispose.js";
import { CheckpointError } from "./errors.js";
import type { Experiment } from "./experiment.js";
import type { Learner, LearnerState } from "./learner.js";
import { runPaths, type RunPaths } from "./run-paths.js";
import { readRunRecord } from "./run-record.js";
import { assertKnownPhases } from "./phases.js";
import { sharedBatches, shareOfBatchSize, type Share } from "./workers/share.js";
import { fromSnapshot, snapshotDifferences } from "./snapshot.js";

/** What a run carries between iterations. Checkpoints store it. */
export interface RunState<S extends LearnerState> {
  readonly state: S;
  /** The moving average of `state.params`, if the configuration has one. */
  readonly averaged: S["params"] | undefined;
}

/** Learner and data of a run. */
export interface Session<S extends LearnerState, Batch> {
  readonly learner: Learner<S, Batch>;
  readonly dataset: Dataset<Batch>;
  /** The batches of this worker. */
  readonly batches: Batches<Batch>;
  /** The batch that initial states are made with, the same for all workers. */
  example(): Batch;
  readonly keys: RunKeys;
}

/** The keys of a run, all derived from its seed. */
export interface RunKeys {
  readonly init: Key;
  readonly data: Key;
  readonly show: Key;
  /**
   * The key of iteration `t`, counted from 0, in its attempt number `attempt` (default 0, the
   * first).
   */
  iteration(t: number, attempt?: number): Key;
}

const branch = { init: 0, data: 1, iterations: 2, show: 3, retries: 4 } as const;

/**
 * Keys of a seed:
 *
 * - `fold(fold(key(seed), iterations), t)` for iteration t
 * - `fold(fold(fold(key(seed), retries), attempt), t)` for a later attempt of iteration t
 * - one for each other purpose
 */
export function runKeys(seed: number): RunKeys {
  const root = random.key(seed);
  const iterations = random.fold(root, branch.iterations);
  const retries = random.fold(root, branch.retries);
  return {
    init: random.fold(root, branch.init),
    data: random.fold(root, branch.data),
    show: random.fold(root, branch.show),
    iteration: (t, attempt = 0) => random.fold(attempt === 0 ? iterations : random.fold(retries, attempt), t),
  };
}

const wholeBatches: Share = { index: 0, count: 1 };

/**
 * Loads the data and creates the learner, for the share of a worker.
 *
 * @throws ValidationError for a batch size that the workers cannot share evenly
 */
export async function openSession<S extends LearnerState, B, O, E>(
  experiment: Experiment<S, B, O, E>,
  config: Config<O>,
  share: Share = wholeBatches,
): Promise<Session<S, B>> {
  const { seed, batchSize } = config.training;
  const keys = runKeys(seed);
  const learner = experiment.model(config.options, {
    ...config.training,
    batchSize: shareOfBatchSize(batchSize, share),
  });
  assertKnownPhases(config.training.phases, learner.phases);
  const dataset = await experiment.data(config.options).load();
  const all = dataset.batches({ batchSize, key: keys.data });
  const example = () => sharedBatches(all, { ...share, index: 0 }).at(0);
  return { learner, dataset, keys, batches: sharedBatches(all, share), example };
}

/** The initial state of a run, without an average. */
export async function initialState<S extends LearnerState, B>(session: Session<S, B>): Promise<S> {
  const { learner, keys } = session;
  const example = session.example();
  let state: S | undefined;
  try {
    state = await learner.init(keys.init, example);
    return state;
  } finally {
    disposeTensors(example, [state]);
  }
}

/** State and average as one tree, as checkpoints store them. */
export function checkpointTree<S extends LearnerState>({ state, averaged }: RunState<S>): Tree<tf.Tensor> {
  const states = state as unknown as Tree<tf.Tensor>;
  return averaged === undefined ? { state: states } : { state: states, averaged };
}

/**
 * The state of a checkpoint in the structure of `fresh`, a state the learner has just created.
 * `fresh` is disposed.
 *
 * @throws CheckpointError when names, shapes or types differ.
 */
export function stateFrom<S extends LearnerState>(
  fresh: S,
  checkpoint: Checkpoint,
  averaging: boolean,
  path: string,
): RunState<S> {
  const like = checkpointTree({ state: fresh, averaged: averaging ? fresh.params : undefined });
  try {
    const differences = snapshotDifferences(checkpoint.tensors, like);
    if (differences.length > 0) throw misfit(path, differences);
    const restored = fromSnapshot(like, checkpoint.tensors) as unknown as { state: S; averaged?: S["params"] };
    return { state: restored.state, averaged: restored.averaged };
  } finally {
    disposeTensors(fresh);
  }
}

/**
 * The run from `checkpoint`, or from `fresh`, a state the learner has just created.
 *
 * @throws CheckpointError when the checkpoint does not fit the learner
 */
export function runFrom<S extends LearnerState>(
  fresh: S,
  checkpoint: Checkpoint | undefined,
  averaging: Averaging | undefined,
  path: string,
): RunState<S> {
  return checkpoint === undefined
    ? { state: fresh, averaged: averaging?.start(fresh.params) }
    : stateFrom(fresh, checkpoint, averaging !== undefined, path);
}

/** A trained model, ready to sample or evaluate. */
export interface RestoredRun<S extends LearnerState, Batch, O> extends Session<S, Batch> {
  readonly paths: RunPaths;
  readonly config: Config<O>;
  /** Completed iterations of the checkpoint. */
  readonly iteration: number;
  /** Its state. `params` is the moving average if the run has one and `averaged` is not false. */
  readonly state: S;
  /** Why newer checkpoints were skipped. */
  readonly unusable: readonly CheckpointError[];
  /**
   * The state of another checkpoint, which the caller disposes.
   *
   * @throws CheckpointError when it does not exist or does not fit
   */
  stateAt(iteration: number): Promise<S>;
  /** Disposes the state. */
  dispose(): void;
}

/** Which checkpoint of a run to restore. */
export interface RestoreOptions<S extends LearnerState, Batch, O, E> {
  readonly experiment: Experiment<S, Batch, O, E>;
  readonly folder: string;
  /** Default: the newest usable one. */
  readonly iteration?: number;
  /** Whether to use the averaged parameters, if any. Default true. */
  readonly averaged?: boolean;
}

/**
 * Restores a run from its folder, for sampling and evaluation. Writes nothing.
 *
 * @throws RunFolderError when the folder is not a run
 * @throws CheckpointError when no checkpoint fits the experiment
 */
export async function restoreRun<S extends LearnerState, B, O, E>(
  options: RestoreOptions<S, B, O, E>,
): Promise<RestoredRun<S, B, O>> {
  const { experiment, folder, iteration, averaged = true } = options;
  const paths = runPaths(folder);
  const record = await readRunRecord(folder);
  const config = restoreConfig(experiment, record.config);
  const { checkpoint, unusable }: NewestCheckpoint =
    iteration === undefined
      ? await readNewestCheckpoint(paths.checkpoints, config)
      : { checkpoint: await readCheckpoint(paths.checkpoints, iteration, config), unusable: [] };
  if (checkpoint === undefined) {
    throw new CheckpointError(
      "missing",
      `run ${paths.folder} has no checkpoint yet.`,
      "Resume it until it has written one.",
    );
  }
  await ensureEngine();
  const session = await openSession(experiment, config, { index: 0, count: record.workers ?? 1 });
  const averaging = config.training.averaging !== null;
  const stateOf = async (saved: Checkpoint): Promise<S> => {
    const path = checkpointPath(paths.checkpoints, saved.iteration);
    const run = stateFrom(await initialState(session), saved, averaging, path);
    const shown = averaged ? shownState(run) : run.state;
    disposeTensors(checkpointTree(run), [shown]);
    return shown;
  };
  const state = await stateOf(checkpoint);
  return {
    ...session,
    paths,
    config,
    iteration: checkpoint.iteration,
    state,
    unusable,
    stateAt: async (at) => stateOf(await readCheckpoint(paths.checkpoints, at, config)),
    dispose: () => disposeTensors(state),
  };
}

/** The state to show: with the averaged parameters, if any. */
export function shownState<S extends LearnerState>({ state, averaged }: RunState<S>): S {
  return averaged === undefined ? state : { ...state, params: averaged };
}

/**
 * The parameter counts of the parts of a state, as in "energy 5,313, generator 236,688 parameters".
 */
export function parameterSizes({ params }: LearnerState): string {
  const size = (part: TensorTree): string => tree.sizeOf(trainedPart(part)).toLocaleString("en");
  if (tree.isLeaf(params) || Array.isArray(params)) return `${size(params)} parameters`;
  const parts = Object.entries(params as Record<string, TensorTree>);
  return `${parts.map(([name, part]) => `${name} ${size(part)}`).join(", ")} parameters`;
}
