/**
 * An experiment is one file with data, model, training settings and optional settings of its own.
 *
 * `defineExperiment` checks it once and returns the form that the loop and the command line use.
 */
import * as z from "zod";
import type { DataSource } from "@ergodic/tensor";
import { ConfigError } from "./errors.js";
import { isPlainObject } from "./json.js";
import type { Learner, LearnerState } from "./learner.js";
import { assertPhases, totalOf } from "./phases.js";
import { parseOrThrow } from "./schema.js";

/**
 * Upper bound of counts of examples and iterations. Memory is checked later, when shapes are known.
 */
const most = 1_000_000_000;
const count = z.number().int().min(1).max(most);

/** Rules and defaults of the training settings. */
export const trainingSchema = z.object({
  iterations: count,
  phases: z.record(z.string(), z.number().int().min(0).max(most)).nullable().default(null),
  batchSize: count,
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  averaging: z.number().gt(0).lt(1).nullable().default(null),
  checkpointEvery: count.default(500),
  sampleEvery: count.default(500),
  sampleCount: count.max(100_000).default(64),
  logEvery: count.default(10),
  keepCheckpoints: count.default(3),
  guard: z.boolean().default(true),
  rollbacks: z.number().int().min(0).max(100).nullable().default(null),
});

/** Training settings with all defaults filled in. */
export type TrainingConfig = z.output<typeof trainingSchema>;

/** Training settings as written in an experiment. */
export interface TrainingOptions {
  /**
   * Number of updates; with `phases`, their sum. Resuming with a larger number extends a finished
   * run.
   */
  readonly iterations?: number;
  /**
   * Names and lengths of the phases, in order: `{ flow: 2000, energy: 300 }`. The learner receives
   * the current phase.
   */
  readonly phases?: Readonly<Record<string, number>> | null;
  /** Examples per batch. The last batch of an epoch may be smaller. */
  readonly batchSize: number;
  /** The seed of all randomness: initial parameters, order of the data, every chain. Default 0. */
  readonly seed?: number;
  /**
   * Decay of the moving average of the parameters, in (0, 1), for instance 0.999. `null` (the
   * default) keeps no average.
   */
  readonly averaging?: number | null;
  /** Iterations between checkpoints (default 500). One is always written at the end. */
  readonly checkpointEvery?: number;
  /**
   * Iterations between sample grids and reports (default 500). Both are always written at the end.
   */
  readonly sampleEvery?: number;
  /** Samples in a grid (default 64). */
  readonly sampleCount?: number;
  /** Iterations between lines of metrics.jsonl (default 10). */
  readonly logEvery?: number;
  /**
   * Number of newest checkpoints to keep (default 3). As many of those at multiples of
   * `checkpointEvery` stay as well.
   */
  readonly keepCheckpoints?: number;
  /**
   * Whether finite metrics that grow without bound end the run (default true). Metrics that are not
   * finite always do.
   */
  readonly guard?: boolean;
  /**
   * How often a diverged run returns to its last good checkpoint and continues with other random
   * numbers before it fails. `null` (the default) stands for 5 if the learner has `limits`, and 0
   * otherwise. If the data are the cause, the run fails at once, because they would be the same
   * again.
   */
  readonly rollbacks?: number | null;
}

/**
 * An experiment as a user writes it. `O` is the parsed type of `options`; without `options` it is
 * an empty record.
 */
export interface ExperimentDefinition<S extends LearnerState, Batch, O, E> {
  readonly name?: string;
  readonly description?: string;
  /**
   * Schema of the experiment's own options, each with a default: `z.object({ width:
   * z.number().default(64) })`.
   */
  readonly options?: z.ZodType<O>;
  readonly data: DataSource<Batch> | ((options: O) => DataSource<Batch>);
  readonly model: Learner<S, Batch> | ((options: O, training: TrainingConfig) => Learner<S, Batch>);
  readonly training: TrainingOptions;
  /** Passed on unchanged for the evaluation of the trained model. */
  readonly evaluation?: E | ((options: O) => E);
}

/** An experiment ready for use. Its parts are functions of its options. */
export interface Experiment<S extends LearnerState = LearnerState, Batch = unknown, O = unknown, E = unknown> {
  readonly kind: "ergodic-experiment";
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly options: z.ZodType<O>;
  readonly training: TrainingConfig;
  data(options: O): DataSource<Batch>;
  model(options: O, training: TrainingConfig): Learner<S, Batch>;
  evaluation(options: O): E | undefined;
}

/**
 * Checks an experiment and fills in the defaults of its training settings.
 *
 * @throws ConfigError when a part is missing or of the wrong kind, a training setting is unknown or
 *   out of range, or an option has no default.
 */
export function defineExperiment<S extends LearnerState, Batch, O = Record<string, never>, E = unknown>(
  definition: ExperimentDefinition<S, Batch, O, E>,
): Experiment<S, Batch, O, E> {
  const { name, description, data, model, evaluation } = definition;
  requirePart("data", data, "load", "a data source such as mnist()");
  requirePart("model", model, "update", "a learner { init, update, ... }");
  const options = definition.options ?? (z.object({}) as unknown as z.ZodType<O>);
  const training = parseTraining(definition.training);
  parseOrThrow(options, {}, "options", "Give every option of an experiment a default: z.number().default(64).");
  return {
    kind: "ergodic-experiment",
    name,
    description,
    options,
    training,
    data: (values) => (isFunction(data) ? data(values) : data),
    model: (values, settings) => (isFunction(model) ? model(values, settings) : model),
    evaluation: (values) => (isFunction(evaluation) ? evaluation(values) : evaluation),
  };
}

/**
 * Checks training settings. With phases, `iterations` becomes their sum.
 *
 * @throws ConfigError
 */
export function parseTraining(given: unknown): TrainingConfig {
  const { phases, iterations } = (given ?? {}) as Partial<TrainingConfig>;
  const summed =
    isPlainObject(phases) && iterations === undefined ? { ...(given as object), iterations: totalOf(phases) } : given;
  const training = parseOrThrow(trainingSchema, summed, "training");
  assertPhases(training);
  return training;
}

/** True for what `defineExperiment` returns. */
export function isExperiment(value: unknown): value is Experiment {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "ergodic-experiment";
}

function isFunction<A extends unknown[], R>(value: R | ((...given: A) => R)): value is (...given: A) => R {
  return typeof value === "function";
}

function requirePart(part: string, value: unknown, method: string, expected: string): void {
  if (typeof value === "function") return;
  if (typeof value === "object" && value !== null && typeof (value as Record<string, unknown>)[method] === "function")
    return;
  throw new ConfigError(
    `experiment.${part} has no ${method}(); expected ${expected}, or a function of the experiment's options that returns one.`,
    `Write defineExperiment({ data, model, training: { iterations, batchSize } }).`,
  );
}
