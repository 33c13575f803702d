/** The training loop: experiments, checkpoints, exact resume, metrics, averaging, report. */
export { defineExperiment, isExperiment } from "./experiment.js";
export type { Experiment, ExperimentDefinition, TrainingConfig, TrainingOptions } from "./experiment.js";
export { parseSetting, resolveConfig, restoreConfig } from "./config.js";
export type { Config } from "./config.js";
export type {
  Batches,
  ChainKernel,
  ChainPosition,
  ChainState,
  Dataset,
  DataSource,
  Learner,
  LearnerState,
  ModelChain,
  ModelFunction,
  Phase,
  UpdateContext,
} from "./learner.js";
export { phaseAt } from "./phases.js";
export type { Phases } from "./phases.js";
export { train } from "./loop.js";
export type { TrainingEvent, TrainingResult, TrainOptions } from "./loop.js";
export type { Progress } from "./progress.js";
export { restoreRun } from "./session.js";
export type { RestoredRun, RestoreOptions, Session } from "./session.js";
export { listCheckpoints } from "./checkpoint.js";
export type { HostTensor, StoredType } from "./snapshot.js";
export { isRunFolder, readRunRecord } from "./run-record.js";
export type { RunRecord } from "./run-record.js";
export { runPaths } from "./run-paths.js";
export type { RunPaths } from "./run-paths.js";
export { makeFolder, ownFolder, removeEmpty, writeRunFile, writeRunFolder } from "./files.js";
export { filesByPlace, readSource, recordOfSource } from "./source.js";
export type { ExperimentSource, SourceRecord } from "./source.js";
export type { Provenance } from "./start.js";
export { readMetrics } from "./metrics.js";
export type { MetricsLine } from "./metrics.js";
export { writeReport } from "./report.js";
export type { RunStatus } from "./report-page.js";
export { imageGridPng, reconstructionPng, samplesPng, scatterPng } from "./image-grid.js";
export type { Pictures } from "./pictures.js";
export { movingAverage } from "./averaging.js";
export type { Averaging } from "./averaging.js";
export { CheckpointError, ConfigError, RunFolderError, TrainingError } from "./errors.js";
export { DivergenceError } from "./divergence.js";
export { closestName } from "./suggest.js";
