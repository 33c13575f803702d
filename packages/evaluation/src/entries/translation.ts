/** Scores of models that translate between two sides. */
export { courseOf, type Course, type CoursePoint } from "../translation/course.js";
export {
  meanRows,
  pairedScores,
  pairError,
  retrieval,
  spread,
  type PairedScores,
  type Rows,
} from "../translation/paired.js";
export { loadPairs, readTranslationPlan, type TranslationPlan } from "../translation/plan.js";
export { temporalScores, type TemporalScores } from "../translation/temporal.js";
export {
  translationScores,
  type DirectionScores,
  type OutputScores,
  type TranslationModel,
  type TranslationScores,
  type TranslationScoring,
} from "../translation/translation-scores.js";
