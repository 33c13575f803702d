/** Scores of a model that classifies, on held-out examples. */
import { fail, tree, ValidationError, type Key, type TensorTree } from "@ergodic/tensor";
import type { Classified, Dataset } from "@ergodic/training";
import { defaultBins, type ReliabilityBin } from "../calibration.js";
import { probabilityScores } from "../classification.js";
import type { Pieces } from "../pieces.js";
import type { OnProgress } from "../progress.js";
import { overTestBatches, usedExamples } from "./test-batches.js";

export const classificationMetrics = ["accuracy", "ece", "brier", "nll"] as const;

export type ClassificationMetric = (typeof classificationMetrics)[number];

export interface ClassificationScores {
  /** Share of right answers. */
  readonly accuracy?: { readonly value: number };
  /** Expected calibration error in bins of equal width. */
  readonly ece?: { readonly value: number; readonly bins: number; readonly reliability: readonly ReliabilityBin[] };
  /** In [0, 2]. */
  readonly brier?: { readonly value: number };
  /** Nats. */
  readonly nll?: { readonly value: number };
  readonly classification?: { readonly test: { readonly description: string; readonly count: number } };
}

export interface Classification {
  /**
   * p(y | x) and the class of each example of a batch. Undefined if the model does not classify.
   */
  readonly classify: ((batch: unknown) => Promise<Classified>) | undefined;
  readonly metrics: readonly ClassificationMetric[];
  readonly test: Dataset<unknown>;
  /** Maximum number of examples. */
  readonly n: number;
  readonly key: Key;
  readonly onProgress?: OnProgress | undefined;
  readonly pieces?: Pieces | undefined;
}

/**
 * Classifies the test examples and scores the answers. The same key gives the same numbers. No
 * scores if `pieces` are only a share.
 *
 * @throws ValidationError when the model does not classify, or returns other shapes than it should
 */
export async function classificationScores(classification: Classification): Promise<ClassificationScores> {
  const { classify, metrics, test } = classification;
  if (classify === undefined)
    throw new ValidationError(
      `the model classifies no examples; ${metrics.join(", ")} need a learner with classify().`,
    );
  const logProbabilities: number[] = [];
  const labels: number[] = [];
  let classes = 0;
  const count = usedExamples(test, classification.n);
  const answers = overTestBatches(test, { ...classification, what: "classifying" }, async (batch) => {
    const answer = await classify(batch);
    const { shape, rank } = answer.logProbabilities;
    if (rank !== 2 || shape[0] === 0 || answer.labels.size !== shape[0])
      fail(
        `classify() returned the shapes [${shape.join(", ")}] and [${answer.labels.shape.join(", ")}]`,
        "[batch, classes] and [batch]",
      );
    const found = {
      logProbabilities: { shape, values: await answer.logProbabilities.data<"float32">() },
      labels: { shape: [shape[0]], values: Int32Array.from(await answer.labels.data()) },
    };
    tree.dispose(answer as unknown as TensorTree);
    return found;
  });
  for await (const answer of answers) {
    classes = answer.logProbabilities.shape[1]!;
    logProbabilities.push(...answer.logProbabilities.values);
    labels.push(...answer.labels.values);
  }
  if (classification.pieces?.complete === false) return {};
  const { accuracy, ece, brier, nll, reliability } = probabilityScores(
    Float32Array.from(logProbabilities.slice(0, count * classes)),
    labels.slice(0, count),
    { classes },
  );
  const asked = (metric: ClassificationMetric): boolean => metrics.includes(metric);
  return {
    ...(asked("accuracy") && { accuracy: { value: accuracy } }),
    ...(asked("ece") && { ece: { value: ece, bins: defaultBins, reliability } }),
    ...(asked("brier") && { brier: { value: brier } }),
    ...(asked("nll") && { nll: { value: nll } }),
    classification: { test: { description: test.description, count } },
  };
}
