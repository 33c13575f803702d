/** Implements `ergodic train`: settings, header, progress, Ctrl-C and the final scores. */
import { useEngine, type EngineInfo } from "@ergodic/engine";
import { parseSetting, resolveConfig, restoreConfig, type Config, type Experiment } from "@ergodic/training";
import { readRunRecord, removeEmpty, train, type TrainingResult } from "@ergodic/training/node";
import type { TrainFlags } from "./flags.js";
import { exitCode, type ExitCode } from "../errors.js";
import { experimentOfRun } from "../experiments/of-run.js";
import { resolveExperiment, type ResolvedExperiment } from "../experiments/resolve.js";
import { rememberTrusted } from "../experiments/trusted.js";
import { columns, short, words } from "../terminal/format.js";
import { listenForInterrupt, type Interrupted, type Interruption } from "../terminal/interrupt.js";
import { jsonResult, note, result, stderrTarget } from "../terminal/output.js";
import { headline, progress } from "../terminal/progress.js";
import { nextRunFolder, quoted, shownPath } from "./folders.js";
import { openWith } from "./open-run.js";
import { provenanceOf } from "./provenance.js";
import { runDry } from "./run-dry.js";
import { describeRecord, evaluateRun, type EvaluationRecord } from "./run-evaluation.js";

/** A training session that is about to begin. */
interface Plan {
  readonly resolved: ResolvedExperiment;
  readonly config: Config;
  /** The run folder. Undefined for a new folder with a number. */
  readonly folder: string | undefined;
  readonly resume: boolean;
  readonly engine: NonNullable<TrainFlags["engine"]>;
}

/** Trains, or measures for --dry-run, and returns the exit code. */
export async function runTraining(text: string | undefined, flags: TrainFlags): Promise<ExitCode> {
  const plan = text === undefined ? await planResume(flags) : await planNew(text, flags);
  if (flags.dryRun) {
    const { resolved, config, engine } = plan;
    await runDry({ experiment: resolved.experiment, config, engine }, flags);
    return exitCode.ok;
  }
  const engine = await useEngine(plan.engine);
  await remember(plan.resolved);
  const trained = await trainWithProgress(plan, engine, flags);
  if (trained.interrupted !== undefined) {
    const { interrupted, ...training } = trained;
    if (flags.json) jsonResult(training);
    note(`    checkpoint saved: ${shownPath(trained.checkpoint)}`);
    note(`    resume with: ergodic train --resume ${quoted(shownPath(trained.folder))}`);
    return interrupted;
  }
  const evaluation = flags.evaluate ? await closingEvaluation(plan, trained.folder, flags) : undefined;
  if (flags.json) jsonResult({ ...trained, evaluation });
  else result(describeResult(trained, evaluation));
  return exitCode.ok;
}

async function planNew(text: string, flags: TrainFlags): Promise<Plan> {
  const resolved = await resolveExperiment(text);
  const config = resolveConfig(resolved.experiment, settings(flags));
  return { resolved, config, folder: flags.out, resume: false, engine: flags.engine ?? "auto" };
}

async function planResume(flags: TrainFlags): Promise<Plan> {
  const folder = flags.resume ?? "";
  const record = await readRunRecord(folder);
  const resolved = await experimentOfRun({ folder, record }, flags);
  const saved = byPath(restoreConfig(resolved.experiment, record.config));
  const config = resolveConfig(resolved.experiment, { ...saved, ...settings(flags) });
  const engine = flags.engine ?? (record.engine.name as Plan["engine"]);
  return { resolved, config, folder, resume: true, engine };
}

/**
 * Adds the experiment to those that this user has trained with.
 *
 * If that fails, the run can still be used by naming its file.
 */
async function remember({ origin, source }: ResolvedExperiment): Promise<void> {
  if (source === undefined) return;
  await rememberTrusted(source, origin).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    note(
      `note: that you trained with ${origin} can't be recorded, so later commands will want --experiment: ${reason}`,
    );
  });
}

/** Settings by dotted path, from --set and its short forms. */
function settings({ set, seed }: TrainFlags): Record<string, unknown> {
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

interface Trained extends TrainingResult {
  /** Path of the latest sample grid. */
  readonly samples?: string;
  /** The exit code of the signal that stopped training. */
  readonly interrupted?: ExitCode;
}

async function trainWithProgress(plan: Plan, engine: EngineInfo, flags: TrainFlags): Promise<Trained> {
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
      signal: interruption.signal,
      onProgress(tick) {
        iteration = tick.iteration;
        if (!interruption.signal.aborted) shown.tick(tick);
      },
      onEvent(event) {
        if (event.kind === "started") {
          began = true;
          iteration = event.iteration;
          if (!flags.quiet) note(header(engine, event));
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

function header(engine: EngineInfo, { iteration, folder, data, model, checkpoint }: Started): string {
  return columns([
    ["engine", `${engine.description}   (others: ergodic doctor)`],
    ["data", data],
    ["model", model],
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
