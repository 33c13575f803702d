/** The server through which the processes of a cluster talk, and the sessions that run on it. */
import type { Cluster } from "../cluster/membership.js";
import { EngineError } from "../errors.js";
import { encode, one, repeated, type Message } from "../protobuf/encode.js";
import { findBinding } from "./binding.js";
import { configProto, type SessionOptions } from "./protocol.js";

const taskEntry: Message = [one("key", 1, "int"), one("value", 2, "string")];
const jobDef: Message = [one("name", 1, "string"), repeated("tasks", 2, () => taskEntry)];
const clusterDef: Message = [repeated("job", 1, () => jobDef)];
const serverDef: Message = [
  one("cluster", 1, () => clusterDef),
  one("jobName", 2, "string"),
  one("taskIndex", 3, "int"),
  one("defaultSessionConfig", 4, () => configProto),
  one("protocol", 5, "string"),
];

const JOB = "worker";

/** Worker 0 numbers the runs of all. */
const LEADER = `/job:${JOB}/replica:0/task:0`;

const options = (task: number): SessionOptions => ({
  // A worker's operations run on its own devices.
  deviceFilters: [`/job:${JOB}/task:${task}`],
  experimental: { collectiveGroupLeader: LEADER },
});

interface Server {
  /** The address that sessions use. */
  readonly target: string;
  readonly options: SessionOptions;
}

let running: Server | undefined;

/** The server of this process, if it has one. */
export const runningServer = (): Server | undefined => running;

/** @throws EngineError when the addon is older, or the library does not start the server. */
export function startServer({ workers, task }: Cluster): void {
  const { startServer: start } = findBinding();
  if (start === undefined)
    throw new EngineError(
      "this build of TensorFlow's addon starts no server for a cluster. Build it again: npx ergodic engine remove tensorflow, " +
        "then npx ergodic engine add tensorflow.",
    );
  const definition = encode(serverDef, {
    cluster: { job: [{ name: JOB, tasks: workers.map((value, key) => ({ key, value })) }] },
    ...{ jobName: JOB, taskIndex: task, defaultSessionConfig: options(task), protocol: "grpc" },
  });
  try {
    running = { target: start(definition), options: options(task) };
  } catch (error) {
    throw new EngineError(`TensorFlow's server does not start at ${workers[task]}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
