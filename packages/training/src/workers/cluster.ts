/** Training by several processes: joining, watching over each other, and leaving. */
import { setTimeout as pauseFor } from "node:timers/promises";
import { EngineError, joinCluster, leaveCluster, type Cluster } from "@ergodic/engine";
import { WorkersError } from "../errors.js";
import { losses, startWatch } from "./watch-thread.js";
import { currentWorkers } from "./workers.js";

export interface ClusterOptions extends Cluster {
  /** Called with what the process waits for. */
  notice(message: string): void;
}

/** Looks at the other workers: with these numbers one that is lost is noticed within 20 seconds. */
const looking = { pause: 2_000, deadline: 3_000, misses: 4, grace: 20_000 };

/** Milliseconds between two looks at what the thread has noted, and between two notices. */
const [glance, patience] = [100, 15_000];

/** Seconds that a worker that is done waits for the others, which may still need its server. */
const farewell = 30;

/** Milliseconds in which a lost worker is found out after an average has failed. */
const inquiry = 25_000;

/**
 * Runs `job`, such as a call of `train`, as one worker of a cluster. It begins when all workers are
 * there. When one is lost, all stop within a minute: `job` fails, or the process is killed if it
 * does not come to an end.
 *
 * @throws WorkersError that names the worker that was lost, and how
 * @throws EngineError, ValidationError as `joinCluster`
 */
export async function trainInCluster<T>({ notice, ...cluster }: ClusterOptions, job: () => Promise<T>): Promise<T> {
  await joinCluster(cluster);
  const { workers, task } = cluster;
  const noted = new Int32Array(new SharedArrayBuffer(12));
  const watch = startWatch({ ...looking, addresses: workers, own: task, seen: noted.buffer as SharedArrayBuffer });
  const lost: Lost = () => {
    const worker = Atomics.load(noted, 1) - 1;
    return worker < 0 ? undefined : `worker ${worker} at ${workers[worker]} ${losses[Atomics.load(noted, 2)]}`;
  };
  try {
    await everyone(noted, workers.length - 1, notice, lost);
    const result = await job();
    await watch.terminate();
    // All have saved what they had. A worker that has left already is no loss.
    await currentWorkers()
      .gather([0], farewell)
      .catch(() => undefined);
    return result;
  } catch (error) {
    throw await explained(error, lost);
  } finally {
    await watch.terminate();
    leaveCluster();
  }
}

type Lost = () => string | undefined;

/** Waits until all other workers have answered. */
async function everyone(noted: Int32Array, others: number, notice: (message: string) => void, lost: Lost) {
  for (let waited = 0; Atomics.load(noted, 0) < others; waited += glance) {
    const worker = lost();
    if (worker !== undefined) throw loss(worker);
    if (waited % patience === 0 && waited > 0)
      notice(`waiting for ${others - Atomics.load(noted, 0)} of ${others} other workers`);
    await pauseFor(glance);
  }
}

const loss = (worker: string, cause?: unknown): WorkersError =>
  new WorkersError(
    `${worker}, so this worker stops too.`,
    "Its own output says why. The same command goes on from the last checkpoint.",
    { cause },
  );

/** The failure of an average as that of the worker that was lost, if one was. */
async function explained(error: unknown, lost: Lost): Promise<unknown> {
  if (!(error instanceof EngineError)) return error;
  for (let waited = 0; lost() === undefined && waited < inquiry; waited += glance) await pauseFor(glance);
  const worker = lost();
  if (worker !== undefined) return loss(worker, error);
  const problem = `an average over the workers failed: ${error.message}`;
  return new WorkersError(problem, "The other workers answer; their output may say more.", { cause: error });
}
