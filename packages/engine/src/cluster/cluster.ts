/** Joining and leaving a cluster of processes that compute together. */
import { assertInteger, assertInRange, fail } from "@ergodic/tensor";
import { ensureEngine } from "../engines/registry.js";
import { EngineError } from "../errors.js";
import { currentCluster, setCluster, type Cluster } from "./membership.js";

/**
 * Joins a cluster: `allMean` in compiled functions averages over its workers from now on.
 *
 * The engine `tensorflow` must be in use. It starts TensorFlow's own server at this worker's
 * address, which lives as long as the process. A process joins once, before it compiles functions.
 *
 * @throws ValidationError for addresses that are not `host:port`, or equal, or a task that is not
 *   among them.
 * @throws EngineError on another engine, in a cluster already, or when the server does not start.
 */
export async function joinCluster(cluster: Cluster): Promise<void> {
  const { workers, task } = cluster;
  assertInteger({ task });
  assertInRange({ task }, { min: 0, max: workers.length - 1 }, "it is the index of a worker");
  for (const address of workers) {
    if (!/^[^\s:/]+:\d{1,5}$/.test(address))
      fail(`the worker "${address}"`, "host:port", "name it as in 10.0.0.1:2222");
  }
  if (new Set(workers).size < workers.length)
    fail(`the workers ${workers.join(", ")}`, "different addresses", "give each worker its own port");
  if (currentCluster() !== undefined)
    throw new EngineError("this process is in a cluster already; a process joins once.");
  const { name } = await ensureEngine();
  if (name !== "tensorflow") throw cannotAverage(name, workers.length);
  const { startServer } = await import("../tensorflow/server.js");
  startServer(cluster);
  setCluster(cluster);
}

/**
 * Leaves the cluster: functions that are compiled from now on run for this process alone. The server
 * keeps its address until the process ends.
 */
export function leaveCluster(): void {
  setCluster(undefined);
}

export const cannotAverage = (engine: string, workers: number): EngineError =>
  new EngineError(
    `the engine "${engine}" cannot average over the ${workers} workers of a cluster. Use the engine tensorflow ` +
      "(npx ergodic engine add tensorflow).",
  );
