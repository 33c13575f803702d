/**
 * Verdicts on Markov chains, as data: whether chains of a model mix, and whether draws of a known
 * target are right.
 */
export { diagnoseChain } from "./diagnose-chain.js";
export type { DiagnosisPlan, DiagnosisProgress } from "./diagnose-chain.js";
export { judge } from "./judge.js";
export type { ChainDiagnosis, ChainTrouble, Drift, Equilibrium, Measured, Memory, Verdict } from "./judge.js";
export { longRun } from "./long-run.js";
export type { LongRun, LongRunPlan, Snapshot } from "./long-run.js";
export { chainStates } from "./chain-states.js";
export type { ChainStates, ChainStatesPlan } from "./chain-states.js";
export { freshSamples } from "./fresh-samples.js";
export type { FreshSampling } from "./fresh-samples.js";
export { settled } from "./settled.js";
export { chainsToCompare, compareShortRun, longer } from "./short-run.js";
export type { ComparisonPlan, Moment, PictureReference, ShortRunComparison } from "./short-run.js";
export { stepCost } from "./step-cost.js";
export type { StepCost } from "./step-cost.js";
export { picturesOf } from "./picture-rows.js";
export type { PictureRows } from "./picture-rows.js";
export { pictureChange } from "./picture-change.js";
export type { PictureChange } from "./picture-change.js";
export { classMeans, classVisits } from "./class-visits.js";
export type { ClassMeans, ClassVisits, LabelledImages } from "./class-visits.js";
export { chainRows, followedRows } from "./followed.js";
export type { Followed, FollowedRow } from "./followed.js";
export { mixingTroubles } from "./troubles.js";
export type { MixingTrouble } from "./troubles.js";
export { rankCounts } from "./rank-counts.js";
export { runChains, startWidth } from "./target/run-chains.js";
export type { ChainPlan, ChainProgress, ChainRun, PreparedKernel, RowKernel, RowState } from "./target/run-chains.js";
export { checkSampler, prepareKernel } from "./target/check-sampler.js";
export type { CheckedTarget, CheckPlan } from "./target/check-sampler.js";
export { followQuantities, summarizeRun } from "./target/summary.js";
export type { KnownTarget, TargetSummary } from "./target/summary.js";
export type { ModeSummary, QuantityRow } from "./target/estimates.js";
export { allowedError, estimateTroubles, modeTroubles } from "./target/troubles.js";
export type { TargetTrouble } from "./target/troubles.js";
