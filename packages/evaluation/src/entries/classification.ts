/** Scores of classifiers: accuracy, calibration, proper scores. */
export { expectedCalibrationError, reliabilityTable, type ReliabilityBin } from "../calibration.js";
export { probabilityScores, type ProbabilityOptions, type ProbabilityScores } from "../classification.js";
export {
  classificationMetrics,
  classificationScores,
  type Classification,
  type ClassificationMetric,
  type ClassificationScores,
} from "../model/classification.js";
