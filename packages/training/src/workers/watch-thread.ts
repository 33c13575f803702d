/**
 * Watches the servers of other workers from a thread of its own, because the main thread waits
 * inside TensorFlow's library and cannot.
 *
 * A worker is well if its server greets a new connection as HTTP/2, the protocol below gRPC, does. A
 * process that was killed refuses connections; one that hangs accepts them and stays silent.
 */
import type { Worker } from "node:worker_threads";

export interface WatchSettings {
  readonly addresses: readonly string[];
  /** Index of this worker. */
  readonly own: number;
  /** Milliseconds between two looks at a worker, and those that it has to answer. */
  readonly pause: number;
  readonly deadline: number;
  /** Looks in a row that a worker must miss to be lost. */
  readonly misses: number;
  /** Milliseconds after a loss in which the main thread has to end the process. */
  readonly grace: number;
  /** [number of workers that have answered, index of the lost worker + 1, how it was lost]. */
  readonly seen: SharedArrayBuffer;
}

/** How a worker was lost, as numbers in `seen`. */
export const losses = ["", "has ended", "does not answer: it hangs or cannot be reached"] as const;

/** Starts the thread. It does not keep the process alive. */
export function startWatch(settings: WatchSettings): Worker {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const thread = new Worker(`(${String(watch)})(${JSON.stringify(losses)})`, { eval: true, workerData: settings });
  thread.unref();
  return thread;
}

/** Runs in the thread. It uses nothing from outside but its argument. */
function watch(words: readonly string[]): void {
  const { connect } = process.getBuiltinModule("node:http2");
  const { workerData } = process.getBuiltinModule("node:worker_threads");
  const { writeSync } = process.getBuiltinModule("node:fs");
  const { addresses, own, pause, deadline, misses, grace, seen } = workerData as WatchSettings;
  const noted = new Int32Array(seen);

  /** 0 if the server greets, else how the look failed. */
  const look = (address: string): Promise<number> =>
    new Promise((resolve) => {
      const session = connect(`http://${address}`);
      const done = (found: number) => {
        clearTimeout(timer);
        session.destroy();
        resolve(found);
      };
      const timer = setTimeout(() => done(2), deadline);
      session.once("remoteSettings", () => done(0));
      session.on("error", () => done(1));
      session.once("close", () => done(1));
    });

  const lose = (worker: number, how: number): void => {
    if (Atomics.compareExchange(noted, 1, 0, worker + 1) !== 0) return;
    Atomics.store(noted, 2, how);
    setTimeout(() => {
      writeSync(2, `error: worker ${worker} at ${addresses[worker]} ${words[how]}. This worker stops too.\n`);
      process.kill(process.pid, "SIGKILL");
    }, grace);
  };

  const follow = async (worker: number): Promise<void> => {
    let [answered, missed] = [false, 0];
    for (;;) {
      const found = await look(addresses[worker]!);
      missed = found === 0 ? 0 : missed + 1;
      if (found === 0 && !answered) {
        answered = true;
        Atomics.add(noted, 0, 1);
      }
      if (answered && missed >= misses) return lose(worker, found);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  addresses.forEach((_, worker) => void (worker === own ? undefined : follow(worker)));
}
