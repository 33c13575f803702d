/** The training loop and its run folders: checkpoints, exact resume, metrics, report. Node only. */
export { train } from "../loop.js";
export type { TrainingEvent, TrainingResult, TrainOptions } from "../loop.js";
export type { Progress } from "../progress.js";
export { restoreRun } from "../session.js";
export type { RestoredRun, RestoreOptions, Session } from "../session.js";
export { dueCheckpoints, listCheckpoints } from "../checkpoint.js";
export { isRunFolder, readRunRecord } from "../run-record.js";
export type { RunRecord } from "../run-record.js";
export { runPaths } from "../run-paths.js";
export type { RunPaths } from "../run-paths.js";
export { makeFolder, ownFolder, removeEmpty, writeRunFile, writeRunFolder } from "../files.js";
export { filesByPlace, readSource, recordOfSource } from "../source.js";
export type { ExperimentSource, SourceRecord } from "../source.js";
export type { Provenance } from "../start.js";
export { readMetrics } from "../metrics.js";
export type { MetricsLine } from "../metrics.js";
export { writeReport } from "../report.js";
export type { RunStatus } from "../report-page.js";
