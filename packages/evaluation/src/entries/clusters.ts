/** Clusters of rows, and principal components. */
export { kMeans, type KMeans, type KMeansOptions } from "../k-means.js";
export {
  principalComponents,
  project,
  type PrincipalComponentsOptions,
  type PrincipalSpace,
} from "../principal-components.js";
