/** Scores the translations of a run, and of the checkpoints before it. */
import { loadLenet } from "@ergodic/evaluation/node";
import {
  courseOf,
  loadPairs,
  translationScores,
  type Course,
  type TranslationPlan,
  type TranslationScores,
} from "@ergodic/evaluation/translation";
import { charts, lineChart, page, paragraph, section } from "@ergodic/report";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import type { LearnerState } from "@ergodic/training";
import { dueCheckpoints } from "@ergodic/training/node";
import { CliError } from "../errors.js";
import type { TranslationRecord } from "../evaluation/describe-translation.js";
import { showProgress } from "../terminal/scoring-progress.js";
import { writeInRun } from "./folders.js";
import type { OpenRun } from "./open-run.js";

/** Pairs on which earlier checkpoints are scored. */
const coursePairs = 200;

interface Scoring {
  readonly plan: TranslationPlan;
  readonly n: number;
  readonly seed: number;
  readonly onStage: (text: string) => void;
}

/**
 * The scores of a run, with the errors of all its kept checkpoints. Charts of the errors go to
 * `translation/report.html` in the run folder.
 *
 * @throws CliError when the model does not translate
 */
export async function scoreTranslation(opened: OpenRun, scoring: Scoring): Promise<TranslationRecord> {
  const { run } = opened;
  const { plan, n, seed, onStage } = scoring;
  const pairs = await loadPairs(plan);
  const key = random.fold(random.key(seed), 7);
  const scoresOf = (state: LearnerState, most: number, network?: Awaited<ReturnType<typeof loadLenet>>) =>
    translationScores({
      ...{ model: modelAt(opened, state), pairs, n: most, key, network },
      onProgress: showProgress(onStage),
    });
  const scores = await scoresOf(run.state, n, await loadLenet());
  const due = await dueCheckpoints(run.paths.checkpoints, run.config.training.checkpointEvery);
  const earlier = due.filter((iteration) => iteration > 0 && iteration < run.iteration);
  const scored: { readonly iteration: number; readonly scores: TranslationScores }[] = [];
  for (const iteration of earlier) {
    onStage(`checkpoint ${iteration}`);
    const state = await run.stateAt(iteration);
    scored.push({ iteration, scores: await scoresOf(state, coursePairs) });
    tree.dispose(state as unknown as TensorTree);
  }
  scored.push({ iteration: run.iteration, scores: await scoresOf(run.state, coursePairs) });
  const course = { x: courseOf(scored, "x"), y: courseOf(scored, "y") };
  await writeInRun(run.paths.folder, ["translation", "report.html"], coursePage(course));
  return { translation: { ...scores, course } };
}

function modelAt({ run: { learner } }: OpenRun, state: LearnerState) {
  const { translation } = learner;
  if (translation === undefined) throw new CliError("the model of this run does not translate.");
  return {
    steps: translation.steps,
    observe: (batch: never) => translation.observe(batch),
    translate: translation.translate.bind(translation, state),
    ...(translation.predict && { predict: translation.predict.bind(translation, state) }),
  };
}

/** Errors over training, as a page. */
function coursePage({ x, y }: { readonly x: Course; readonly y: Course }): string {
  const curves = (
    [
      ["x to y", y],
      ["y to x", x],
    ] as const
  ).flatMap(([direction, { points }]) => [
    lineChart({
      title: `error of raw translations, ${direction}`,
      xLabel: "iteration",
      points: points.map(({ iteration, raw }) => [iteration, raw] as const),
    }),
    lineChart({
      title: `error of refined translations, ${direction}`,
      xLabel: "iteration",
      points: points.map(({ iteration, refined }) => [iteration, refined] as const),
    }),
    lineChart({
      title: `gain of refinement, ${direction}`,
      xLabel: "iteration",
      points: points.map(({ iteration, raw, refined }) => [iteration, raw - refined] as const),
    }),
  ]);
  return page({
    title: "Translations over training",
    lines: [`errors on ${coursePairs} pairs that training has not seen`],
    body: [
      section(
        "Errors",
        paragraph("While the gain is positive, the energy teaches the translator; where it crosses 0, raw is as good."),
        charts(curves),
      ),
    ],
  });
}
