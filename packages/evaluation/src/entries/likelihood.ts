/** Likelihoods of latent-variable models and energies, and bits per dimension. */
export {
  annealedBitsPerDimension,
  boundedBitsPerDimension,
  type AnnealedBitsOptions,
  type BoundedBits,
} from "../annealed-bits.js";
export { importanceLikelihood, meanBitsPerDimension, type LikelihoodEstimate } from "../importance-likelihood.js";
