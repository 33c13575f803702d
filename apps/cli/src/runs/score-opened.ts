/** The scores of an opened run, one kind a function. */
import { needsReference } from "@ergodic/evaluation/networks";
import {
  imagesOf,
  loadImages,
  modelSamples,
  planeScores,
  symbolScores,
  type EvaluationPlan,
  type ImageModel,
  type Pieces,
  type PlaneMetric,
  type PlanePlan,
  type PlaneScores,
  type SymbolScores,
} from "@ergodic/evaluation/model";
import {
  classificationScores,
  type ClassificationMetric,
  type ClassificationScores,
} from "@ergodic/evaluation/classification";
import { likelihoodScores, type LikelihoodScores } from "@ergodic/evaluation/likelihood";
import { networkScores, type ImageReference, type NetworkScores, type SentencePlan } from "@ergodic/evaluation/node";
import { random, type Key } from "@ergodic/tensor";
import { CliError } from "../errors.js";
import { referenceAt, type PixelRange } from "../evaluation/image-set.js";
import { networkRequest, type NetworkFlags } from "../evaluation/network-request.js";
import { showProgress } from "../terminal/scoring-progress.js";
import { type OpenRun } from "./open-run.js";
import { wordsIn } from "./run-sentence-scores.js";

export interface SampleSettings extends NetworkFlags {
  /** Default: the reference images of the experiment. */
  readonly reference?: string | undefined;
  readonly range?: PixelRange | undefined;
}

interface Work {
  readonly n: number;
  readonly seed: number;
  readonly onStage: (text: string) => void;
}

/** Work that several processes can share. */
interface SharedWork extends Work {
  readonly pieces: Pieces;
}

interface LikelihoodWork extends SharedWork {
  readonly plan: EvaluationPlan;
  readonly ofText: SentencePlan | undefined;
  readonly samples: number;
}

export async function weigh(
  { run: { learner, state } }: OpenRun,
  { plan, ofText, n, samples, seed, pieces, onStage }: LikelihoodWork,
): Promise<LikelihoodScores> {
  return likelihoodScores({
    ...(ofText && { wordsIn, entropy: ofText.grammar?.entropy }),
    ...{ likelihood: learner.likelihood, state, test: await plan.test.load(), n, samples, pieces },
    ...{ key: random.fold(random.key(seed), 6), onProgress: showProgress(onStage) },
  });
}

interface ClassifierScoring extends SharedWork {
  readonly metrics: readonly ClassificationMetric[];
  readonly plan: EvaluationPlan;
}

export async function classify(
  { run: { learner, state } }: OpenRun,
  { metrics, plan, n, seed, pieces, onStage }: ClassifierScoring,
): Promise<ClassificationScores> {
  return classificationScores({
    classify: learner.classify?.bind(learner, state),
    ...{ metrics, test: await plan.test.load(), n, pieces, key: random.fold(random.key(seed), 5) },
    onProgress: showProgress(onStage),
  });
}

export const scoreSymbols = async (
  { run: { learner, state } }: OpenRun,
  { plan, n, seed, onStage }: Work & { readonly plan: EvaluationPlan },
): Promise<SymbolScores> =>
  symbolScores({
    symbols: learner.symbols?.bind(learner, state),
    ...{ test: await plan.test.load(), n, key: random.fold(random.key(seed), 8) },
    onProgress: showProgress(onStage),
  });

interface PointScoring extends Work {
  readonly plan: PlanePlan;
  readonly metrics: readonly PlaneMetric[];
}

export const scorePoints = (
  { run: { learner, state } }: OpenRun,
  { onStage, ...scoring }: PointScoring,
): Promise<PlaneScores> =>
  planeScores({ ...scoring, score: learner.score?.bind(learner, state), onProgress: showProgress(onStage) });

interface SampleScoring extends SampleSettings, SharedWork {
  readonly plan: EvaluationPlan | undefined;
}

export async function scoreSamples(
  { run }: OpenRun,
  { sample }: ImageModel,
  scoring: SampleScoring,
): Promise<NetworkScores> {
  const { plan, n, seed, reference, range, metrics, pieces, onStage } = scoring;
  if (sample === undefined) throw new CliError("the model makes no samples; its learner has no sample().");
  const samples = modelSamples(sample, {
    ...{ count: n, key: random.fold(random.key(seed), 3) as Key },
    description: `samples of ${run.paths.folder} at iteration ${run.iteration}`,
  });
  const compared = metrics.some(needsReference);
  return networkScores(samples, {
    ...{ ...networkRequest(scoring, onStage), n, seed, pieces },
    reference: !compared
      ? undefined
      : reference === undefined
        ? plan?.reference && (await referenceOf(plan))
        : await referenceAt(reference, range),
  });
}

async function referenceOf(plan: EvaluationPlan): Promise<ImageReference> {
  const data = await loadImages(plan.reference, "reference");
  return { given: "the experiment's reference images", images: imagesOf(data.all(), data.description) };
}
