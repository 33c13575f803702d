/** Scores the sentences of a run. */
import type { SentenceBatch } from "@ergodic/data";
import type { EvaluationPlan } from "@ergodic/evaluation/model";
import {
  possibleSentenceMetrics,
  sentenceScores,
  type SentenceMetric,
  type SentencePlan,
  type SentenceScores,
} from "@ergodic/evaluation/node";
import type { Learner } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { sentenceModel } from "../evaluation/sentence-model.js";
import { showProgress } from "../terminal/scoring-progress.js";
import type { OpenRun } from "./open-run.js";

/** The words of each sentence of a batch, its end included. */
export async function wordsIn(batch: unknown): Promise<ArrayLike<number>> {
  const counts = tf.sum((batch as SentenceBatch).weight, 1);
  const values = await counts.data<"float32">();
  counts.dispose();
  return values;
}

/** The metrics of sentences to compute. */
export function sentenceMetricsOf(
  sentences: readonly SentenceMetric[] | "all" | undefined,
  plan: SentencePlan | undefined,
  learner: Pick<Learner, "sampleClass" | "sampleGiven">,
): readonly SentenceMetric[] {
  if (sentences !== undefined && sentences !== "all") return sentences;
  if (plan === undefined) return [];
  const possible = possibleSentenceMetrics(plan, {
    symbols: learner.sampleClass !== undefined,
    replies: learner.sampleGiven !== undefined,
  });
  return sentences === "all" ? possible : possible.filter((metric) => !metric.endsWith("ppl"));
}

interface SentenceScoring {
  readonly metrics: readonly SentenceMetric[];
  readonly ofText: SentencePlan;
  readonly plan: EvaluationPlan;
  readonly n: number | undefined;
  readonly seed: number;
  readonly onStage: (text: string) => void;
}

export async function scoreSentences(opened: OpenRun, scoring: SentenceScoring): Promise<SentenceScores> {
  const { metrics, ofText, plan, n, seed, onStage } = scoring;
  onStage("inferring latents of training sentences");
  const model = await sentenceModel(opened, seed);
  const [test, onProgress] = [await plan.test.load(), showProgress(onStage)];
  return sentenceScores({ model, plan: ofText, test, metrics, n, seed, onProgress });
}
