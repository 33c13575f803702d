/** Measures of how good samples and reconstructions are. Everything here works on plain number arrays in float64. */
export { covarianceOf, type Moments } from "./covariance.js";
export { frechetDistance, frechetInPrincipalSpace, gaussianStatistics, type GaussianStatistics } from "./frechet.js";
export { meanSquaredError } from "./mean-squared-error.js";
export { areaUnderPrecisionRecall, averagePrecision } from "./precision-recall.js";
export {
  principalComponents,
  project,
  type PrincipalComponentsOptions,
  type PrincipalSpace,
} from "./principal-components.js";
export { leadingEigenpairs, symmetricEigen, type Eigenpairs } from "./symmetric-eigen.js";
