/** Who trains together: from the command line, or from the environment that cloud trainers set. */
import type { Cluster } from "@ergodic/engine";
import * as z from "zod";
import { CliError, usageError } from "../errors.js";

/** Options of training by several processes. */
export interface ClusterFlags {
  /** `host:port` of every worker. */
  readonly workers?: readonly string[];
  /** Index of this worker. */
  readonly task?: number;
  /** Start so many workers on this machine. */
  readonly localWorkers?: number;
  /** Seconds that a worker may be behind the others. */
  readonly patience: number;
  /** Go on with a run of another number of workers. */
  readonly acceptWorkers: boolean;
}

const addresses = z.array(z.string()).default([]);

/** TF_CONFIG, as Kubeflow's training operator and cloud trainers set it. */
const configSchema = z.object({
  cluster: z.object({ chief: addresses, worker: addresses }).default({ chief: [], worker: [] }),
  task: z.object({ type: z.string(), index: z.coerce.number().int().min(0) }).optional(),
});

/**
 * The cluster of this process: of `--workers` and `--task`, otherwise of `TF_CONFIG`. Undefined for a
 * process alone. The chief, if there is one, is worker 0.
 *
 * @throws CliError for options or an environment that do not fit
 */
export function clusterOf(
  { workers, task, patience }: Pick<ClusterFlags, "workers" | "task" | "patience">,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Cluster | undefined {
  if ((workers === undefined) !== (task === undefined))
    throw usageError("--workers lists all workers and --task says which of them this is; give both.");
  if (workers !== undefined && task !== undefined) {
    if (task >= workers.length)
      throw usageError(`--task ${task} is none of the ${workers.length} workers; expected 0 to ${workers.length - 1}.`);
    return { workers, task, patience };
  }
  const text = env["TF_CONFIG"];
  if (text === undefined || text === "") return undefined;
  const parsed = configSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw new CliError(`TF_CONFIG is no description of a cluster: ${z.prettifyError(parsed.error)}`);
  const { cluster, task: own } = parsed.data;
  const all = [...cluster.chief, ...cluster.worker];
  if (all.length < 2) return undefined;
  const index = own === undefined ? -1 : placeOf(own, cluster);
  if (index < 0 || index >= all.length)
    throw new CliError(
      `TF_CONFIG names the task ${JSON.stringify(own)}; expected the chief or one of the workers, for instance ` +
        '{"type": "worker", "index": 0}. Parameter servers and evaluators have no part in this training.',
    );
  return { workers: all, task: index, patience };
}

function placeOf({ type, index }: { type: string; index: number }, { chief }: { chief: readonly string[] }): number {
  if (type === "chief" || type === "master") return index < chief.length ? index : -1;
  return type === "worker" ? chief.length + index : -1;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
