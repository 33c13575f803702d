/** Implements `ergodic train`: settings, header, progress, Ctrl-C and the final scores. */
import { useEngine, type EngineInfo } from "@ergodic/engine";
import {
  configChanges,
  parseSetting,
  resolveConfig,
  restoreConfig,
  type Config,
  type Experiment,
} from "@ergodic/training";
import {
  listCheckpoints,
  readRunRecord,
  removeEmpty,
  runPaths,
  train,
  type TrainingResult,
} from "@ergodic/training/node";
import type { TrainFlags } from "./flags.js";
import { describeSweep } from "../comparing/describe.js";
import { exitCode, usageError, type ExitCode } from "../errors.js";
import { experimentOfRun } from "../experiments/of-run.js";
import { resolveExperiment, type ResolvedExperiment } from "../experiments/resolve.js";
import { rememberTrusted } from "../experiments/trusted.js";
import { columns, short, words } from "../terminal/format.js";
import { listenForInterrupt, type Interrupted, type Interruption } from "../terminal/interrupt.js";
import { jsonResult, note, result, stderrTarget } from "../terminal/output.js";
import { headline, progress } from "../terminal/progress.js";
import { nextRunFolder, quoted, shownPath } from "./folders.js";
import { lastRun } from "./known-runs.js";
import { openWith } from "./open-run.js";
import { provenanceOf } from "./provenance.js";
import { runDry } from "./run-dry.js";
import { describeRecord, evaluateRun, type EvaluationRecord } from "./run-evaluation.js";
import { sweepOf } from "./sweep.js";

/** A training session that is about to begin. */
export interface Plan {
  readonly resolved: ResolvedExperiment;
  readonly config: Config;
  /** The run folder. Undefined for a new folder with a number. */
  readonly folder: string | undefined;
  readonly resume: boolean;
  readonly engine: NonNullable<TrainFlags["engine"]>;
  /** The settings of a sweep that distinguish this run. */
  readonly chosen: string;
}

/** A trained run with its scores. */
export interface Outcome {
  readonly trained: Trained;
  readonly evaluation: EvaluationRecord | undefined;
}

/** Trains, or measures for --dry-run, and returns the exit code. */
export async function runTraining(text: string | undefined, flags: TrainFlags): Promise<ExitCode> {
  const plans = text === undefined ? [await planResume(flags)] : await planNew(text, flags);
  const [plan] = plans;
  if (flags.dryRun) {
    const { resolved, config, engine, folder, resume } = plan!;
    const done = resume ? ((await listCheckpoints(runPaths(folder!).checkpoints)).at(-1) ?? 0) : 0;
    await runDry({ experiment: resolved.experiment, config, engine, done }, flags);
    return exitCode.ok;
  }
  const engine = await useEngine(plan!.engine);
  await remember(plan!.resolved);
  const outcomes: Outcome[] = [];
  for (const [i, next] of plans.entries()) {
    if (plans.length > 1 && !flags.quiet) note(`run ${i + 1} of ${plans.length}: ${next.chosen}`);
    const trained = await trainWithProgress(next, engine, flags);
    if (trained.interrupted !== undefined) return tellInterrupted(trained, trained.interrupted, flags);
    outcomes.push(await scored(next, trained, flags));
  }
  const found = outcomes.map(({ trained, evaluation }) => ({ ...trained, evaluation }));
  if (flags.json) jsonResult(plans.length === 1 ? found[0] : found);
  else if (plans.length > 1) result(await describeSweep(outcomes.map(({ trained }) => trained.folder)));
  return exitCode.ok;
}

/** Says where an interrupted run was saved. @param how options beside the folder */
export function tellInterrupted(trained: Trained, code: ExitCode, flags: TrainFlags, how = ""): ExitCode {
  const { interrupted: _, ...training } = trained;
  if (flags.json) jsonResult(training);
  note(`    checkpoint saved: ${shownPath(trained.checkpoint)}`);
  note(`    resume with: ergodic train --resume ${quoted(shownPath(trained.folder))}${how}`);
  return code;
}

/** Evaluates a run that is done, and says both. */
export async function scored(plan: Plan, trained: Trained, flags: TrainFlags): Promise<Outcome> {
  const evaluation = flags.evaluate ? await closingEvaluation(plan, trained.folder, flags) : undefined;
  if (!flags.json) result(describeResult(trained, evaluation));
  return { trained, evaluation };
}

/** One plan, or one for each choice of a sweep. */
export async function planNew(text: string, flags: TrainFlags): Promise<Plan[]> {
  const resolved = await resolveExperiment(text);
  const { experiment } = resolved;
  const choices = sweepOf(flags.set, experiment);
  if (choices.length > 1 && (flags.out !== undefined || flags.dryRun)) {
    throw usageError(
      `--${flags.dryRun ? "dry-run" : "out"} is for one run, and these settings ask for ${choices.length}.`,
    );
  }
  return choices.map(({ set, chosen }) => {
    const config = resolveConfig(experiment, settings({ ...flags, set }));
    return { resolved, config, folder: flags.out, resume: false, engine: flags.engine ?? "auto", chosen };
  });
}

export async function planResume(flags: TrainFlags): Promise<Plan> {
  const folder = flags.resume === "last" ? await lastRun() : (flags.resume ?? "");
  const record = await readRunRecord(folder);
  const resolved = await experimentOfRun({ folder, record }, flags);
  const saved = byPath(restoreConfig(resolved.experiment, record.config));
  const config = resolveConfig(resolved.experiment, { ...saved, ...settings(flags) });
  const engine = flags.engine ?? (record.engine.name as Plan["engine"]);
  return { resolved, config, folder, resume: true, engine, chosen: "" };
}

/**
 * Adds the experiment to those that this user has trained with.
 *
 * If that fails, the run can still be used by naming its file.
 */
export async function remember({ origin, source }: ResolvedExperiment): Promise<void> {
  if (source === undefined) return;
  await rememberTrusted(source, origin).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    note(
      `note: that you trained with ${origin} can't be recorded, so later commands will want --experiment: ${reason}`,
    );
  });
}

/** Settings by dotted path, from --set and its short forms. */
function settings({ set, seed }: Pick<TrainFlags, "set" | "seed">): Record<string, unknown> {
  const given = set.map((text) => parseSetting(text)).map(({ path, value }) => [path, value] as const);
  return { ...Object.fromEntries(given), ...(seed === undefined ? {} : { "training.seed": seed }) };
}

/** A configuration as settings, one per name of `training` and of `options`. */
function byPath(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([part, values]) =>
      Object.entries(values as object).map(([name, value]): [string, unknown] => [`${part}.${name}`, value]),
    ),
  );
}

export interface Trained extends TrainingResult {
  /** Path of the latest sample grid. */
  readonly samples?: string;
  /** The exit code of the signal that stopped training. */
  readonly interrupted?: ExitCode;
}

export async function trainWithProgress(plan: Plan, engine: EngineInfo, flags: TrainFlags): Promise<Trained> {
  const { resolved, config, resume } = plan;
  const shown = progress(stderrTarget, flags);
  let began = false;
  let iteration = 0;
  let samples: string | undefined;
  let made: readonly string[] = [];
  const interruption = listenForInterrupt(() => {
    shown.end();
    const next = Math.min(iteration + 1, config.training.iterations);
    note(
      began ? `    finishing iteration ${next} ... (again to stop at once)` : "    stopping before the first iteration",
    );
  });
  try {
    const claimed = plan.folder === undefined ? await nextRunFolder(resolved.name) : { folder: plan.folder, made };
    made = claimed.made;
    const trained = await train({
      ...(await provenanceOf(resolved)),
      experiment: heedful(resolved.experiment, interruption),
      config,
      folder: claimed.folder,
      resume,
      acceptWorkers: flags.acceptWorkers,
      signal: interruption.signal,
      onProgress(tick) {
        iteration = tick.iteration;
        if (!interruption.signal.aborted) shown.tick(tick);
      },
      onEvent(event) {
        if (event.kind === "started") {
          began = true;
          iteration = event.iteration;
          if (!flags.quiet) note(header(engine, plan, event));
        }
        if (event.kind === "samples") samples = event.path;
        if (event.kind === "notice") shown.line(`note: ${event.message}`);
      },
    });
    return {
      ...trained,
      ...(samples === undefined ? {} : { samples }),
      ...(trained.status === "interrupted" ? { interrupted: reason(interruption).code } : {}),
    };
  } catch (error) {
    if (!began) await removeEmpty(made);
    // Exit immediately: data that are still loading would keep the process alive.
    if (error === interruption.signal.reason) process.exit(reason(interruption).code);
    throw error;
  } finally {
    shown.end();
    interruption.dispose();
  }
}

const reason = ({ signal }: Interruption): Interrupted => signal.reason as Interrupted;

/** The experiment, made interruptible in the long loops that prepare its data and model. */
function heedful(experiment: Experiment, { breakable }: Interruption): Experiment {
  return {
    ...experiment,
    model: (...given) => breakable(() => experiment.model(...given)),
    data(options) {
      const source = breakable(() => experiment.data(options));
      return { load: () => breakable(() => source.load()) };
    },
  };
}

interface Started {
  readonly iteration: number;
  readonly folder: string;
  readonly data: string;
  readonly model: string;
  readonly checkpoint: string | undefined;
}

function header(
  engine: EngineInfo,
  { resolved, config }: Plan,
  { iteration, folder, data, model, checkpoint }: Started,
): string {
  const changed = configChanges(resolveConfig(resolved.experiment), config).filter(
    ({ path }) => path !== "training.seed",
  );
  const words = changed.map(({ path, was, is }) => `${path} ${is ?? "unset"} (${was ?? "unset"})`);
  return columns([
    ["engine", `${engine.description}   (others: ergodic doctor)`],
    ["data", data],
    ["model", model],
    ["seed", String(config.training.seed)],
    ...(words.length === 0 ? [] : [["changed", words.join(", ")] as const]),
    ["run", shownPath(folder)],
    ...(checkpoint === undefined ? [] : [["resumed", `after iteration ${iteration}`] as const]),
  ]);
}

async function closingEvaluation(
  plan: Plan,
  folder: string,
  { quiet, engine }: TrainFlags,
): Promise<EvaluationRecord | undefined> {
  const opened = await openWith(plan.resolved.experiment, folder, { engine: engine ?? plan.engine });
  try {
    return await evaluateRun(opened, { seed: 0, quiet });
  } finally {
    opened.run.dispose();
  }
}

function describeResult(trained: Trained, evaluation: EvaluationRecord | undefined): string {
  const { iteration, metrics, report, checkpoint, samples } = trained;
  const last = headline(metrics).map(([name, value]) => `${words(name)} ${short(value)}`);
  const paths = columns([
    ["report", shownPath(report)],
    ...(samples === undefined ? [] : [["samples", shownPath(samples)] as const]),
    ["checkpoint", shownPath(checkpoint)],
  ]);
  const scores = evaluation === undefined ? [] : [describeRecord(evaluation)];
  return [
    `done: ${iteration} iterations${last.length === 0 ? "" : `, last ${last.join(", ")}`}`,
    ...scores,
    paths,
  ].join("\n");
}
