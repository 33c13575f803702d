/** Detection of anomalies by scores. */
export { areaUnderRoc, falseAlarmsAt, hitsAt } from "../receiver-operating-characteristic.js";
export { areaUnderPrecisionRecall, averagePrecision } from "../precision-recall.js";
export {
  detectionMetrics,
  detectionScores,
  type Detection,
  type DetectionMetric,
  type DetectionScores,
} from "../model/detection.js";
