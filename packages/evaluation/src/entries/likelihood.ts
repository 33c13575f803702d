/**
 * Likelihoods of latent-variable models and energies, exact ones in the plane, bits per dimension.
 */
export {
  annealedBitsPerDimension,
  boundedBitsPerDimension,
  type AnnealedBitsOptions,
  type BoundedBits,
} from "../annealed-bits.js";
export { kernelDensity } from "../kernel-density.js";
export { fittedNormal, normalConstant, standardLaw, type FittedNormal, type HostLaw } from "../fitted-normal.js";
export {
  fewEffective,
  likelihoodMetrics,
  likelihoodScores,
  type LikelihoodMetric,
  type LikelihoodScores,
  type LikelihoodScoring,
} from "../model/likelihood-scores.js";
export { importanceLikelihood, meanBitsPerDimension, type LikelihoodEstimate } from "../importance-likelihood.js";
export {
  cellArea,
  cellCentres,
  planePartition,
  type PlaneEnergy,
  type PlaneGrid,
  type PlanePartition,
  type PlanePartitionOptions,
} from "../plane-partition.js";
