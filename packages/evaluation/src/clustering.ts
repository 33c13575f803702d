/**
 * Agreement of groups found without labels with classes.
 *
 * Source: A. Rosenberg, J. Hirschberg, "V-Measure: A Conditional Entropy-Based External Cluster
 * Evaluation Measure" (2007).
 */
import { fail } from "@ergodic/tensor";

export interface ClusteringScores {
  /** `sum_ck p(c, k) log(p(c, k) / (p(c) p(k)))`, in nats. */
  readonly mutualInformation: number;
  /**
   * Mutual information over the arithmetic mean of the two entropies (V-measure); 1 for two single
   * groups.
   */
  readonly normalisedMutualInformation: number;
  /** `1 - H(class | cluster) / H(class)`: 1 when each cluster holds one class only. */
  readonly homogeneity: number;
  /** `1 - H(cluster | class) / H(cluster)`: 1 when each class lies in one cluster. */
  readonly completeness: number;
}

/**
 * Mutual information, its normalised form, homogeneity and completeness.
 *
 * @param classes the true class of each example
 * @param clusters the group of each example; any numbers serve as names
 * @throws ValidationError when the lengths differ or there are no examples
 */
export function clusteringScores(classes: ArrayLike<number>, clusters: ArrayLike<number>): ClusteringScores {
  if (classes.length !== clusters.length || classes.length === 0)
    fail(`there are ${classes.length} classes and ${clusters.length} clusters`, "one of either for each example");
  const names = Array.from({ length: classes.length }, (_, i) => `${classes[i]} ${clusters[i]}`);
  const [ofClasses, ofClusters, ofBoth] = [entropy(Array.from(classes)), entropy(Array.from(clusters)), entropy(names)];
  const mutualInformation = Math.max(0, ofClasses + ofClusters - ofBoth);
  const over = (whole: number): number => (whole === 0 ? 1 : mutualInformation / whole);
  return {
    mutualInformation,
    normalisedMutualInformation: over((ofClasses + ofClusters) / 2),
    homogeneity: over(ofClasses),
    completeness: over(ofClusters),
  };
}

/** Entropy of the shares of equal names, in nats. */
function entropy(names: readonly (number | string)[]): number {
  const counts = new Map<number | string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum -= (count / names.length) * Math.log(count / names.length);
  return sum;
}
