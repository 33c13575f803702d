/** Scores of models of images and of points, with the data that their experiments name. */
export { collectImages } from "../model/collect-images.js";
export { differenceMaps } from "../model/difference-map.js";
export { firstImages, imagesOf, imageSize, type ImageArray } from "../model/image-array.js";
export { readImageReference, type ImageDistances } from "../model/image-reference.js";
export {
  modelMetrics,
  possibleMetrics,
  scoreModel,
  type FrechetScore,
  type ImageEvaluation,
  type ImageModel,
  type ModelMetric,
  type ModelScores,
  type ReconstructionScore,
} from "../model/image-scores.js";
export { madeImages, type ImageRequest, type ImageSize } from "../model/made-images.js";
export {
  planeMetrics,
  planeScores,
  possiblePlaneMetrics,
  readPlanePlan,
  type PlaneEvaluation,
  type PlaneMetric,
  type PlanePlan,
  type PlaneScores,
} from "../model/plane-scores.js";
export {
  defaultSamples,
  hasImages,
  loadImages,
  readPlan,
  type EvaluationPlan,
  type PublishedDetection,
  type WholeImageDataset,
} from "../model/plan.js";
export { modelSamples, type SampleImages } from "../model/samples.js";
export { fittedSampler } from "../model/fitted-latents.js";
export { allPieces, jsonArray, prefixed, valueOfJson, type Arrays, type PieceRequest, type Pieces } from "../pieces.js";
export {
  cloudMetrics,
  cloudScores,
  readCloudPlan,
  type CloudModel,
  type CloudPlan,
  type CloudScores,
  type CloudScoring,
  type PointScores,
} from "../model/cloud-scores.js";
export { symbolMetrics, symbolScores, type SymbolScores, type SymbolScoring } from "../model/symbol-scores.js";
