/** Finds metrics by the names that the user typed. */
import { networkMetrics, type NetworkMetric } from "@ergodic/evaluation/networks";
import {
  cloudMetrics,
  modelMetrics,
  planeMetrics,
  symbolMetrics,
  type ModelMetric,
  type PlaneMetric,
} from "@ergodic/evaluation/model";
import { likelihoodMetrics, type LikelihoodMetric } from "@ergodic/evaluation/likelihood";
import { classificationMetrics, type ClassificationMetric } from "@ergodic/evaluation/classification";
import { detectionMetrics, type DetectionMetric } from "@ergodic/evaluation/detection";
import { sentenceMetrics, textMetrics, type SentenceMetric, type TextMetric } from "@ergodic/evaluation/node";
import { closestName } from "@ergodic/training";
import { usageError } from "../errors.js";

/**
 * Metrics by what they need: the experiment's own data, also classes or anomalies, or a network.
 */
export interface ChosenMetrics {
  readonly model: readonly ModelMetric[];
  readonly plane: readonly PlaneMetric[];
  readonly likelihood: readonly LikelihoodMetric[];
  readonly classification: readonly ClassificationMetric[];
  readonly detection: readonly DetectionMetric[];
  readonly sentences: readonly SentenceMetric[];
  readonly network: readonly NetworkMetric[];
  /** All scores of samples that are points. */
  readonly cloud: readonly "cloud"[];
  /** All scores of symbols. */
  readonly symbols: readonly "symbols"[];
  /** All scores of translations. */
  readonly translation: readonly "translation"[];
}

const translationMetrics = ["translation"] as const;

/** @throws CliError with the nearest metric for an unknown one */
export function chooseMetrics(names: readonly string[]): ChosenMetrics {
  const all: readonly string[] = [
    ...modelMetrics,
    ...planeMetrics,
    ...likelihoodMetrics,
    ...classificationMetrics,
    ...detectionMetrics,
    ...sentenceMetrics,
    ...networkMetrics,
    ...cloudMetrics,
    ...symbolMetrics,
    ...translationMetrics,
  ];
  for (const name of names) {
    if (all.includes(name)) continue;
    const near = closestName(name, all);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw usageError(`unknown metric "${name}".${hint}  (all: ${all.join(", ")})`);
  }
  return {
    model: modelMetrics.filter((metric) => names.includes(metric)),
    plane: planeMetrics.filter((metric) => names.includes(metric)),
    likelihood: likelihoodMetrics.filter((metric) => names.includes(metric)),
    classification: classificationMetrics.filter((metric) => names.includes(metric)),
    detection: detectionMetrics.filter((metric) => names.includes(metric)),
    sentences: sentenceMetrics.filter((metric) => names.includes(metric)),
    network: networkMetrics.filter((metric) => names.includes(metric)),
    cloud: cloudMetrics.filter((metric) => names.includes(metric)),
    symbols: symbolMetrics.filter((metric) => names.includes(metric)),
    translation: translationMetrics.filter((metric) => names.includes(metric)),
  };
}

/** @throws CliError with names that are not metrics of text */
export function chooseTextMetrics(names: readonly string[]): TextMetric[] {
  const all: readonly string[] = textMetrics;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw usageError(`"${unknown}" is no metric of text files.  (all: ${textMetrics.join(", ")})`);
  return textMetrics.filter((metric) => names.includes(metric));
}
