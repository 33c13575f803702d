/** The work of `ergodic train`: settings, header, progress, Ctrl-C, and the scores at the end. */
import { useEngine, type EngineInfo } from "@ergodic/engine";
import {
  parseSetting,
  readRunRecord,
  resolveConfig,
  restoreConfig,
  train,
  type Config,
  type Experiment,
  type TrainingResult,
} from "@ergodic/training";
import type { TrainFlags } from "./flags.js";
import { exitCode, type ExitCode } from "../errors.js";
import { describeScores } from "../evaluation/scores.js";
import { resolveExperiment, resolveOrigin } from "../experiments/resolve.js";
import { columns, short, words } from "../terminal/format.js";
import { listenForInterrupt } from "../terminal/interrupt.js";
import { jsonResult, note, result, stderrTarget } from "../terminal/output.js";
import { headline, progress } from "../terminal/progress.js";
import { missingFolders, nextRunFolder, quoted, shownPath, takeBack } from "./folders.js";
import { openRun } from "./open-run.js";
import { evaluateRun, type EvaluationRecord } from "./run-evaluation.js";

/** A sitting that is about to begin. */
interface Plan {
  readonly experiment: Experiment;
  readonly origin: string;
  readonly config: Config;
  readonly folder: string;
  readonly resume: boolean;
  readonly engine: NonNullable<TrainFlags["engine"]>;
}

/** Trains and returns the exit code. */
export async function runTraining(text: string | undefined, flags: TrainFlags): Promise<ExitCode> {
  const plan = text === undefined ? await planResume(flags) : await planNew(text, flags);
  const engine = await useEngine(plan.engine);
  const trained = await trainWithProgress(plan, engine, flags);
  if (trained.status === "interrupted") {
    if (flags.json) jsonResult(trained);
    note(`    checkpoint saved: ${shownPath(trained.checkpoint)}`);
    note(`    resume with: ergodic train --resume ${quoted(shownPath(trained.folder))}`);
    return exitCode.interrupted;
  }
  const evaluation = flags.evaluate ? await closingEvaluation(plan, flags) : undefined;
  if (flags.json) jsonResult({ ...trained, evaluation });
  else result(describeResult(trained, evaluation));
  return exitCode.ok;
}

async function planNew(text: string, flags: TrainFlags): Promise<Plan> {
  const { experiment, origin, name } = await resolveExperiment(text);
  const config = resolveConfig(experiment, settings(flags));
  const folder = flags.out ?? nextRunFolder(name);
  return { experiment, origin, config, folder, resume: false, engine: flags.engine ?? "auto" };
}

async function planResume(flags: TrainFlags): Promise<Plan> {
  const folder = flags.resume ?? "";
  const record = await readRunRecord(folder);
  const { experiment, origin } = await resolveOrigin(record.origin, folder);
  const saved = byPath(restoreConfig(experiment, record.config));
  const config = resolveConfig(experiment, { ...saved, ...settings(flags) });
  const engine = flags.engine ?? (record.engine.name as Plan["engine"]);
  return { experiment, origin, config, folder, resume: true, engine };
}

/** Settings by dotted path, from --set and its short forms. */
function settings({ set, seed }: TrainFlags): Record<string, unknown> {
  const given = set.map((text) => parseSetting(text)).map(({ path, value }) => [path, value] as const);
  return { ...Object.fromEntries(given), ...(seed === undefined ? {} : { "training.seed": seed }) };
}

/** A configuration as settings, one a name of `training` and of `options`. */
function byPath(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([part, values]) =>
      Object.entries(values as object).map(([name, value]): [string, unknown] => [`${part}.${name}`, value]),
    ),
  );
}

interface Trained extends TrainingResult {
  /** The newest grid of samples. */
  readonly samples?: string;
}

async function trainWithProgress(plan: Plan, engine: EngineInfo, flags: TrainFlags): Promise<Trained> {
  const { experiment, config, folder, resume, origin } = plan;
  const missing = missingFolders(folder);
  const shown = progress(stderrTarget, flags);
  let began = false;
  let iteration = 0;
  let samples: string | undefined;
  const interruption = listenForInterrupt(() => {
    shown.end();
    note(`    finishing iteration ${Math.min(iteration + 1, config.training.iterations)} ... (again to stop at once)`);
  });
  try {
    const trained = await train({
      experiment,
      config,
      folder,
      resume,
      origin,
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
    return samples === undefined ? trained : { ...trained, samples };
  } catch (error) {
    if (!began && !resume) await takeBack(missing);
    throw error;
  } finally {
    shown.end();
    interruption.dispose();
  }
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

async function closingEvaluation(plan: Plan, { quiet, engine }: TrainFlags): Promise<EvaluationRecord | undefined> {
  const opened = await openRun(plan.folder, { engine: engine ?? plan.engine });
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
  const scores = evaluation === undefined ? [] : [describeScores(evaluation)];
  return [
    `done: ${iteration} iterations${last.length === 0 ? "" : `, last ${last.join(", ")}`}`,
    ...scores,
    paths,
  ].join("\n");
}
