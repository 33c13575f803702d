/** Detection of anomalies by a run: by its last checkpoint, or by several. */
import {
  averagedDetection,
  detectionScores,
  type DetectionAt,
  type DetectionMetric,
} from "@ergodic/evaluation/detection";
import { prefixed, type EvaluationPlan, type Pieces } from "@ergodic/evaluation/model";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { allScores } from "@ergodic/training";
import { dueCheckpoints } from "@ergodic/training/node";
import { anomaliesOf } from "../evaluation/anomalies.js";
import type { DetectionRecord } from "../evaluation/describe-detection.js";
import type { PixelRange } from "../evaluation/image-set.js";
import { showProgress } from "../terminal/scoring-progress.js";
import type { OpenRun } from "./open-run.js";

export interface DetectionChoice {
  /** Default: the anomalies that the experiment names. */
  readonly anomalies?: string | undefined;
  readonly range?: PixelRange | undefined;
  /** Number of checkpoints. Default: that of the experiment. */
  readonly checkpoints?: number | undefined;
}

export interface AnomalyDetection extends DetectionChoice {
  readonly metrics: readonly DetectionMetric[];
  readonly plan: EvaluationPlan;
  /** Maximum number of examples of each kind. */
  readonly n: number;
  readonly seed: number;
  readonly pieces: Pieces;
  readonly onStage: (text: string) => void;
}

/**
 * Scores test data and anomalies at every chosen checkpoint, with the same random numbers. The
 * metrics are means over checkpoints. No checkpoint is chosen by its metrics. Undefined if `pieces` are
 * only a share.
 */
export async function detectAnomalies(
  opened: OpenRun,
  detection: AnomalyDetection,
): Promise<DetectionRecord | undefined> {
  const { metrics, anomalies, range, plan, n, seed, pieces, onStage, checkpoints = plan.checkpoints } = detection;
  onStage("reading test data and anomalies");
  const [makeKey, key] = random.split<Key>(random.fold(random.key(seed), 4), 2) as [Key, Key];
  const { origin, data } = await anomaliesOf({ text: anomalies, plan, n, range, key: makeKey });
  const test = await plan.test.load();
  const { run } = opened;
  const { learner } = run;
  const states: DetectionAt[] = [];
  for (const iteration of await chosenCheckpoints(opened, checkpoints)) {
    const state = iteration === run.iteration ? run.state : await run.stateAt(iteration);
    const scores = await detectionScores({
      scores: learner.score && ((batch, chains) => allScores(learner, state, batch, chains)),
      ...{ metrics, test, anomalies: data, n, key },
      pieces: prefixed(pieces, `checkpoint ${iteration}`),
      onProgress: showProgress((text) => onStage(checkpoints === 1 ? text : `checkpoint ${iteration}: ${text}`)),
    });
    if (scores !== undefined) states.push({ iteration, scores });
    if (state !== run.state) tree.dispose(state as unknown as TensorTree);
  }
  if (!pieces.complete) return undefined;
  const { detection: scored, ...values } = averagedDetection(states);
  return {
    ...values,
    ...(scored && { detection: { ...scored, anomalies: { ...origin, ...scored.anomalies } } }),
    ...(anomalies === undefined && plan.published && { published: plan.published }),
  };
}

/**
 * The last `count` checkpoints that were due, up to the one that is opened. The opened one alone,
 * if `count` is 1 or none was due.
 */
async function chosenCheckpoints({ run }: OpenRun, count: number): Promise<number[]> {
  if (count === 1) return [run.iteration];
  const due = await dueCheckpoints(run.paths.checkpoints, run.config.training.checkpointEvery);
  const chosen = due.filter((iteration) => iteration > 0 && iteration <= run.iteration).slice(-count);
  return chosen.length === 0 ? [run.iteration] : chosen;
}
