/** The cluster that this process is in. */

export interface Cluster {
  /** `host:port` of every worker, in the same order for all of them. */
  readonly workers: readonly string[];
  /** Index of this process in `workers`. */
  readonly task: number;
  /** Seconds that a worker waits for the others at an average before its run fails. Default: no limit. */
  readonly patience?: number;
}

let joined: Cluster | undefined;

export function setCluster(cluster: Cluster | undefined): void {
  joined = cluster;
}

/** The cluster that this process has joined, if it has. */
export const currentCluster = (): Cluster | undefined => joined;

/** The number of workers, 1 for a process alone. */
export const clusterSize = (): number => joined?.workers.length ?? 1;
