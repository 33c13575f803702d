/**
 * Descriptions of training: experiments, learners, configurations, phases, samples.
 *
 * The loop and run folders need Node: `@ergodic/training/node`.
 */
export { defineExperiment, isExperiment } from "./experiment.js";
export type { Experiment, ExperimentDefinition, TrainingConfig, TrainingOptions } from "./experiment.js";
export { configChanges, parseSetting, resolveConfig, restoreConfig } from "./config.js";
export { flattenJson } from "./json.js";
export { metricExplanation, metricOrder } from "./metric-words.js";
export type { Config, ConfigChange } from "./config.js";
export type { Batches, Dataset, DataSource } from "@ergodic/tensor";
export type {
  ChainKernel,
  ChainPosition,
  ChainState,
  Classified,
  Learner,
  LearnerState,
  LatentSpace,
  MarginalLikelihood,
  ModelChain,
  ModelFunction,
  Panel,
  PartitionEstimate,
  Phase,
  Translation,
  TranslationSide,
  UpdateContext,
} from "./learner.js";
export { allScores, withBaseline, type PairedState } from "./baseline.js";
export { phaseAt } from "./phases.js";
export type { Phases } from "./phases.js";
export type { HostTensor, StoredType } from "./snapshot.js";
export { imageGridPng } from "./samples/image-grid.js";
export { classSamples, type ClassSampling } from "./samples/class-samples.js";
export { oneLine, reconstructionFile, sampleFile } from "./samples/sample-file.js";
export type { SampleFile } from "./samples/sample-file.js";
export { readSamples, samplesOf } from "./samples/samples.js";
export type { HostSamples, SampleKind, Samples, Show, Shown } from "./samples/samples.js";
export { joinedSamples } from "./samples/joined-samples.js";
export type { Pictures } from "./samples/pictures.js";
export { movingAverage } from "./averaging.js";
export type { Averaging } from "./averaging.js";
export { CheckpointError, ConfigError, RunFolderError, TrainingError } from "./errors.js";
export { DivergenceError } from "./divergence.js";
export { closestName } from "./suggest.js";
