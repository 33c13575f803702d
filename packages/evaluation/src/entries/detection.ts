/** Detection of anomalies by scores. */
export {
  alarmThreshold,
  conformalPValues,
  examplesFor,
  leastFalseAlarms,
  sharesAbove,
  type AlarmThreshold,
} from "../conformal.js";
export { areaUnderRoc, falseAlarmsAt, hitsAt } from "../receiver-operating-characteristic.js";
export { areaUnderPrecisionRecall, averagePrecision } from "../precision-recall.js";
export {
  detectionMetrics,
  detectionScores,
  type Detection,
  type DetectionMetric,
  type DetectionScores,
  type DetectionValues,
} from "../model/detection.js";
export { averagedDetection, type AveragedDetection, type DetectionAt } from "../model/detection-average.js";
export { exampleScores, type ExampleScoring, type NamedScores, type ScoreBatch } from "../model/example-scores.js";
export {
  noveltyScores,
  type JudgedExample,
  type NormalScores,
  type NoveltyRequest,
  type NoveltyScores,
} from "../model/novelty.js";
