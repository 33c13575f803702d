/** Implements `ergodic evaluate`, and the evaluation at the end of `ergodic train`. */
import { join } from "node:path";
import {
  allPieces,
  cloudMetrics,
  defaultSamples,
  readCloudPlan,
  hasImages,
  possibleMetrics,
  possiblePlaneMetrics,
  readPlan,
  readPlanePlan,
  scoreModel,
  symbolMetrics,
  type CloudScores,
  type EvaluationPlan,
  type ModelMetric,
  type ModelScores,
  type Pieces,
  type PlaneMetric,
  type PlaneScores,
  type SymbolScores,
} from "@ergodic/evaluation/model";
import {
  classificationMetrics,
  type ClassificationMetric,
  type ClassificationScores,
} from "@ergodic/evaluation/classification";
import { likelihoodMetrics, type LikelihoodScores } from "@ergodic/evaluation/likelihood";
import { detectionMetrics, type DetectionMetric } from "@ergodic/evaluation/detection";
import {
  readSentencePlan,
  type NetworkScores,
  type SentenceMetric,
  type SentenceScores,
} from "@ergodic/evaluation/node";
import { readTranslationPlan, type TranslationPlan } from "@ergodic/evaluation/translation";
import { isRunFolder, writeReport, type ReportScores } from "@ergodic/training/node";
import type { EvaluateFlags } from "./flags.js";
import { CliError, usageError } from "../errors.js";
import { chooseMetrics, type ChosenMetrics } from "../evaluation/choose-metrics.js";
import { describeCloudScores } from "../evaluation/describe-cloud-scores.js";
import { describeSymbolScores } from "../evaluation/describe-symbol-scores.js";
import { describeClassification } from "../evaluation/describe-classification.js";
import { describeDetection, type DetectionRecord } from "../evaluation/describe-detection.js";
import { describeLikelihood } from "../evaluation/describe-likelihood.js";
import { describeModelScores } from "../evaluation/describe-model-scores.js";
import { describeNetworkScores } from "../evaluation/describe-network-scores.js";
import { describePlaneScores } from "../evaluation/describe-plane-scores.js";
import { describeSentenceScores } from "../evaluation/describe-sentence-scores.js";
import { describeTranslation, type TranslationRecord } from "../evaluation/describe-translation.js";
import { addEvaluation, readEvaluations, type EvaluationSettings } from "../evaluation/evaluation-file.js";
import { imageModel } from "../evaluation/image-model.js";
import { reportScores } from "../evaluation/report-scores.js";
import { partsOfRun } from "../shards/parts-of-run.js";
import { tellPart } from "../shards/tell-part.js";
import { showProgress } from "../terminal/scoring-progress.js";
import { jsonResult, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";
import { shownPath } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";
import { detectAnomalies, type DetectionChoice } from "./run-detection.js";
import { scoreCloud } from "./run-cloud-scores.js";
import { evaluateFound } from "./run-image-evaluation.js";
import { scoreSentences, sentenceMetricsOf } from "./run-sentence-scores.js";
import { scoreTranslation } from "./run-translation-scores.js";
import { classify, scorePoints, scoreSamples, scoreSymbols, weigh, type SampleSettings } from "./score-opened.js";

/** An evaluation as stored in evaluation.json and printed by --json. */
export interface EvaluationRecord
  extends
    ModelScores,
    PlaneScores,
    CloudScores,
    SymbolScores,
    LikelihoodScores,
    ClassificationScores,
    DetectionRecord,
    SentenceScores,
    NetworkScores,
    TranslationRecord {
  readonly run: string;
  readonly iteration: number;
  readonly seed: number;
  /** Settings that determine the scores. They identify the evaluation in evaluation.json. */
  readonly settings: EvaluationSettings;
}

export interface EvaluationRequest {
  /** Default: all metrics that the experiment supports. */
  readonly metrics?: readonly ModelMetric[] | undefined;
  /** The same for models of points. */
  readonly plane?: readonly PlaneMetric[] | undefined;
  /** Importance samples of each example for its likelihood. Default: no likelihood. */
  readonly likelihoodSamples?: number | undefined;
  /** Default: all, if the model classifies examples. */
  readonly classification?: readonly ClassificationMetric[] | undefined;
  /**
   * Maximum number of generated images and of test examples. Default: the number of the experiment.
   */
  readonly n?: number | undefined;
  readonly seed: number;
  readonly quiet: boolean;
  /** Default: all detection metrics, if there are anomalies and the model scores examples. */
  readonly detection?: DetectionSettings | undefined;
  /** Default: those that train no language model, if the experiment names a corpus. */
  readonly sentences?: readonly SentenceMetric[] | "all" | undefined;
  /** Whether samples are scored as points. Default: if the experiment names a cloud. */
  readonly cloud?: boolean | undefined;
  /** Whether symbols are scored. Default: if the model has found any. */
  readonly symbols?: boolean | undefined;
  /**
   * Whether translations are scored. Default: if the model translates and the experiment has pairs.
   */
  readonly translation?: boolean | undefined;
  /** Additional scores in network features. Default: none. */
  readonly network?: SampleSettings | undefined;
  /** Default: all. */
  readonly pieces?: Pieces | undefined;
}

interface DetectionSettings extends DetectionChoice {
  /** Default: all. */
  readonly metrics?: readonly DetectionMetric[] | undefined;
}

/** Evaluates a run or images, and prints the scores. */
export async function runEvaluation(target: string, flags: EvaluateFlags): Promise<void> {
  const chosen = flags.metrics && chooseMetrics(flags.metrics);
  if (isRunFolder(target)) await evaluateTrained(target, chosen, flags);
  else await evaluateFound(target, chosen, flags);
}

async function evaluateTrained(folder: string, chosen: ChosenMetrics | undefined, flags: EvaluateFlags): Promise<void> {
  const { samples = flags.n, seed, quiet, json, saveStatistics } = flags;
  const { network: metrics } = chosen ?? { network: [] };
  const network = metrics.length > 0 || saveStatistics !== undefined ? { ...flags, metrics } : undefined;
  const { anomalies, range, checkpoints } = flags;
  if (anomalies !== undefined && chosen?.detection.length === 0)
    throw usageError(`--anomalies is for ${detectionMetrics.join(", ")}; add one of them to --metrics.`);
  if (checkpoints !== undefined && chosen?.detection.length === 0)
    throw usageError(`--checkpoints is for ${detectionMetrics.join(", ")}; add one of them to --metrics.`);
  const asked = chosen !== undefined || anomalies !== undefined || checkpoints !== undefined;
  const detection = asked ? { metrics: chosen?.detection, anomalies, range, checkpoints } : undefined;
  const opened = await openRun(folder, flags);
  try {
    const { model, plane, likelihood, classification } = chosen ?? {};
    const likelihoodSamples = likelihood && likelihood.length > 0 ? flags.importanceSamples : undefined;
    const translation = chosen && chosen.translation.length > 0;
    const sentences = chosen === undefined ? ("all" as const) : chosen.sentences;
    const asking = {
      metrics: model,
      plane,
      likelihoodSamples,
      classification,
      detection,
      sentences,
      network,
      translation,
      cloud: chosen && chosen.cloud.length > 0,
      symbols: chosen && chosen.symbols.length > 0,
    };
    const parts = await partsOfRun(opened, flags, decisiveFlags(flags));
    const record = await evaluateRun(opened, { ...asking, n: samples, seed, quiet, pieces: parts.pieces });
    if (record === undefined) {
      throw new CliError(
        "the experiment has no evaluation; add evaluation: { test } to it, a data source, for images { test, reference }, for points of the plane { points }, for sentences { test, corpus }, for translations { pairs }.",
      );
    }
    const part = await parts.finish();
    if (part !== undefined) tellPart(part, { run: folder, iteration: record.iteration, seed }, flags);
    else if (json) jsonResult(record);
    else result(`${describeRecord(record)}\nwritten to ${shownPath(evaluationPath(opened))}`);
  } finally {
    opened.run.dispose();
  }
}

/** The options that decide the results of pieces. */
const decisiveFlags = ({ metrics, samples, n = samples, seed, ...flags }: EvaluateFlags) => ({
  ...{ command: "evaluate", metrics, n, seed, reference: flags.reference, range: flags.range, resize: flags.resize },
  ...{ anomalies: flags.anomalies, checkpoints: flags.checkpoints, importanceSamples: flags.importanceSamples },
});

/** The evaluations of a run for its report. */
async function scoresOfRun(folder: string): Promise<ReportScores[]> {
  const { evaluations } = await readEvaluations(join(folder, "evaluation.json"));
  return reportScores(evaluations, (evaluation) => describeRecord(evaluation as unknown as EvaluationRecord));
}

/** Formats all scores of an evaluation. */
export function describeRecord(record: EvaluationRecord): string {
  const texts = [
    describeModelScores(record),
    describePlaneScores(record),
    describeCloudScores(record),
    describeSymbolScores(record),
    describeLikelihood(record),
    describeClassification(record),
    describeDetection(record),
    describeSentenceScores(record),
    describeNetworkScores(record),
    describeTranslation(record),
  ];
  return texts.filter((text) => text !== "").join("\n");
}

/**
 * Evaluates an opened run and adds the result to evaluation.json. With only a share of the pieces
 * there are no scores, and nothing is added.
 *
 * Returns undefined when its experiment lacks the evaluation.
 */
export async function evaluateRun(opened: OpenRun, request: EvaluationRequest): Promise<EvaluationRecord | undefined> {
  const { experiment, run } = opened;
  const planned = experiment.evaluation(run.config.options);
  const planePlan = readPlanePlan(planned);
  const plan = readPlan(planned);
  const model = imageModel(run.learner, run.state);
  const ofText = readSentencePlan(planned);
  const ofCloud = readCloudPlan(planned);
  const ofImages = plan !== undefined && ofText === undefined && ofCloud === undefined;
  const inCloud = (request.cloud ?? ofCloud !== undefined) ? cloudMetrics : [];
  const bySymbols = (request.symbols ?? (plan !== undefined && run.learner.symbols !== undefined)) ? symbolMetrics : [];
  const ofSentences = sentenceMetricsOf(request.sentences, ofText, run.learner);
  const ofPlane = request.plane ?? (planePlan === undefined ? [] : possiblePlaneMetrics(planePlan));
  const { network, n = plan?.samples ?? defaultSamples, seed, pieces = allPieces } = request;
  const { complete } = pieces;
  const classifying = request.classification ?? (plan && run.learner.classify ? classificationMetrics : []);
  const detecting = detectionOf(request, plan, run.learner.score !== undefined);
  const hasOthers = bySymbols.length + classifying.length + detecting.length > 0;
  const scoresImages = ofImages && (!hasOthers || hasImages(await plan.test.load()));
  const metrics = request.metrics ?? (scoresImages ? possibleMetrics(model, plan) : []);
  const { likelihoodSamples } = request;
  const weighing = likelihoodSamples === undefined ? [] : likelihoodMetrics;
  const pairs = readTranslationPlan(planned);
  const translating = request.translation ?? (pairs !== undefined && run.learner.translation !== undefined);
  if (translating && pairs === undefined) return undefined;
  const ofTest = [...metrics, ...inCloud, ...bySymbols, ...weighing, ...classifying, ...detecting, ...ofSentences];
  if (ofTest.length > 0 && plan === undefined) return undefined;
  if (ofPlane.length > 0 && planePlan === undefined) return undefined;
  if (ofSentences.length > 0 && ofText === undefined) return undefined;
  if (inCloud.length > 0 && ofCloud === undefined) return undefined;
  if (ofTest.length + ofPlane.length === 0 && network === undefined && !translating) return undefined;
  // Fails early if evaluation.json cannot be read.
  await readEvaluations(evaluationPath(opened));
  const shown = stages(stderrTarget, request);
  const onStage = shown.stage;
  try {
    const images =
      plan && (await scoreModel({ model, plan, metrics, n, seed, pieces, onProgress: showProgress(onStage) }));
    const weighed =
      plan && likelihoodSamples !== undefined
        ? await weigh(opened, {
            plan,
            ofText,
            samples: likelihoodSamples,
            n: request.n ?? fewExamples,
            seed,
            pieces,
            onStage,
          })
        : undefined;
    const classified =
      plan && classifying.length > 0
        ? await classify(opened, { metrics: classifying, plan, n, seed, pieces, onStage })
        : undefined;
    const detected =
      plan && detecting.length > 0
        ? await detectAnomalies(opened, { ...request.detection, metrics: detecting, plan, n, seed, pieces, onStage })
        : undefined;
    const scored = network && (await scoreSamples(opened, model, { ...network, plan, n, seed, pieces, onStage }));
    const inPlane =
      complete && planePlan && ofPlane.length > 0
        ? await scorePoints(opened, { plan: planePlan, metrics: ofPlane, n, seed, onStage })
        : undefined;
    const points =
      complete && ofCloud && inCloud.length > 0
        ? await scoreCloud(opened, { plan: ofCloud, n, seed, onStage })
        : undefined;
    const found =
      complete && plan && bySymbols.length > 0 ? await scoreSymbols(opened, { plan, n, seed, onStage }) : undefined;
    const written =
      complete && plan && ofText && ofSentences.length > 0
        ? await scoreSentences(opened, { metrics: ofSentences, ofText, plan, n: request.n, seed, onStage })
        : undefined;
    const translated =
      complete && translating
        ? await scoreTranslation(opened, { plan: pairs as TranslationPlan, n, seed, onStage })
        : undefined;
    const scores = {
      ...images,
      ...translated,
      ...inPlane,
      ...points,
      ...found,
      ...weighed,
      ...classified,
      ...detected,
      ...written,
      ...scored,
    };
    const { iteration } = run;
    const settings = settingsOf(scores, {
      iteration,
      n,
      seed,
      request,
      metrics: [...ofPlane, ...ofTest, ...(translating ? ["translation"] : [])],
    });
    const record = { run: run.paths.folder, iteration, seed, settings, ...scores };
    if (complete) {
      await addEvaluation(evaluationPath(opened), settings, record);
      await writeReport(run.paths.folder, await scoresOfRun(run.paths.folder));
    }
    return record;
  } finally {
    shown.end();
  }
}

interface Decided {
  readonly iteration: number;
  readonly n: number;
  readonly seed: number;
  readonly request: EvaluationRequest;
  /** Metrics of the model, of points, of classification and of detection. */
  readonly metrics: readonly string[];
}

/**
 * Settings that determine the scores.
 *
 * Files are identified with a part of their hash, because a changed file gives other scores.
 */
function settingsOf(scores: DetectionRecord & NetworkScores & LikelihoodScores, decided: Decided): EvaluationSettings {
  const { iteration, n: samples, seed, request, metrics } = decided;
  const { network, detection } = request;
  const named = (of: { readonly given: string; readonly sha256?: string } | undefined) =>
    of && (of.sha256 === undefined ? of.given : `${of.given}#${of.sha256.slice(0, 8)}`);
  const { reference, protocol, lenet } = scores;
  const range = network?.range ?? detection?.range;
  return {
    iteration,
    metrics: [...metrics, ...(network?.metrics ?? [])],
    samples,
    seed,
    ...(scores.likelihood && {
      likelihoodExamples: scores.likelihood.test.count,
      importanceSamples: scores.likelihood.samples,
    }),
    ...(scores.detection && { anomalies: named(scores.detection.anomalies) }),
    ...(scores.checkpoints && { checkpoints: scores.checkpoints.map((of) => of.iteration) }),
    ...((reference ?? lenet?.reference) && { reference: named(reference ?? lenet?.reference) }),
    ...(range && { range: [...range] }),
    ...(protocol && { resize: protocol.generated.resize, weights: protocol.generated.weights.slice(0, 8) }),
    ...(network?.metrics.some((metric) => metric.startsWith("kid")) && { kidSubset: network.kidSubset }),
  };
}

/** The detection metrics to compute. */
function detectionOf(
  { detection }: EvaluationRequest,
  plan: EvaluationPlan | undefined,
  scores: boolean,
): readonly DetectionMetric[] {
  if (detection !== undefined) return detection.metrics ?? detectionMetrics;
  return plan?.anomalies !== undefined && scores ? detectionMetrics : [];
}

/** Default number of examples whose likelihood is estimated: each needs chains of its own. */
const fewExamples = 100;

function evaluationPath({ run }: OpenRun): string {
  return join(run.paths.folder, "evaluation.json");
}
