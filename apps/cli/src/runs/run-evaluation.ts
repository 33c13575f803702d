/** The work of `ergodic evaluate`, and of the evaluation that closes `ergodic train`. */
import { join } from "node:path";
import { closestName } from "@ergodic/training";
import type { EvaluateFlags } from "./flags.js";
import { CliError, usageError } from "../errors.js";
import { evaluateImages, possibleMetrics } from "../evaluation/evaluate-images.js";
import { readPlan } from "../evaluation/plan.js";
import { describeScores, metricNames, type MetricName, type Scores } from "../evaluation/scores.js";
import { jsonResult, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";
import { shownPath, writeWhole } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";

/** What evaluation.json holds and --json prints. */
export interface EvaluationRecord extends Scores {
  readonly run: string;
  readonly iteration: number;
  readonly seed: number;
}

export interface EvaluationRequest {
  readonly metrics?: readonly string[] | undefined;
  readonly n: number;
  readonly seed: number;
  readonly quiet: boolean;
}

/** Evaluates a run and prints the scores. */
export async function runEvaluation(folder: string, flags: EvaluateFlags): Promise<void> {
  assertMetricNames(flags.metrics ?? []);
  const opened = await openRun(folder, flags);
  try {
    const record = await evaluateRun(opened, flags);
    if (record === undefined) {
      throw new CliError(
        "the experiment has no evaluation; add evaluation: { test, reference } to it, two data sources of images.",
      );
    }
    if (flags.json) jsonResult(record);
    else result(`${describeScores(record)}\nwritten to ${shownPath(evaluationPath(opened))}`);
  } finally {
    opened.run.dispose();
  }
}

/** Evaluates an opened run and writes evaluation.json; undefined when its experiment has no evaluation. */
export async function evaluateRun(opened: OpenRun, request: EvaluationRequest): Promise<EvaluationRecord | undefined> {
  const { experiment, run } = opened;
  const plan = readPlan(experiment.evaluation(run.config.options));
  const possible = possibleMetrics(run.learner);
  const metrics = (request.metrics as readonly MetricName[] | undefined) ?? possible;
  if (plan === undefined || metrics.length === 0) return undefined;
  const shown = stages(stderrTarget, request);
  try {
    const { learner, state } = run;
    const { n, seed } = request;
    const scores = await evaluateImages({ learner, state, plan, metrics, n, seed, onStage: shown.stage });
    const record = { run: run.paths.folder, iteration: run.iteration, seed, ...scores };
    await writeWhole(evaluationPath(opened), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  } finally {
    shown.end();
  }
}

function evaluationPath({ run }: OpenRun): string {
  return join(run.paths.folder, "evaluation.json");
}

function assertMetricNames(names: readonly string[]): void {
  for (const name of names) {
    if ((metricNames as readonly string[]).includes(name)) continue;
    const near = closestName(name, metricNames);
    throw usageError(
      `unknown metric "${name}".${near === undefined ? "" : ` Did you mean "${near}"?`}  (all: ${metricNames.join(", ")})`,
    );
  }
}
