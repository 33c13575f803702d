/**
 * Helpers: threads of Node's that share work block by block, or run code that answers messages.
 *
 * They start when work first asks for them and do not keep the process alive. A page
 * computes alone: it must not wait, and has shared memory only under rare headers.
 */
import type { MessagePort, Worker } from "node:worker_threads";
import { assertPositiveInteger } from "./validation.js";

/** More threads than this mostly wait for memory. */
const MOST = 16;

let chosen: number | undefined;

const builtin = globalThis.process?.getBuiltinModule?.bind(globalThis.process);

/**
 * Sets the number of threads that share large work on the host, the calling one included: products
 * of matrices in float64, and trajectories of many small chains. The results have the same bits.
 * The default is ERGODIC_THREADS, otherwise the number of logical processors, at most 16.
 *
 * Where threads cannot help, as in a page, the number has no effect.
 */
export function useThreads(count: number): void {
  assertPositiveInteger({ count });
  chosen = count;
}

/** Whether this process may start threads: a page may not, nor a process without the permission. */
const mayStart = (): boolean =>
  builtin !== undefined &&
  !("document" in globalThis) &&
  (process as { permission?: { has(scope: string): boolean } }).permission?.has("worker") !== false;

/** The number of threads that share work, the calling one included. */
export function threadCount(): number {
  if (!mayStart()) return 1;
  return (chosen ??=
    Number(process.env["ERGODIC_THREADS"]) || Math.min(MOST, builtin!("node:os").availableParallelism()));
}

/** Zeros that all threads can read and write; ordinary memory where this one is alone. */
export const sharedZeros = (length: number): Float64Array =>
  threadCount() > 1 ? new Float64Array(new SharedArrayBuffer(8 * length)) : new Float64Array(length);

/** Computes block number `block` of a job. */
export type RunBlock = (block: number) => void;

/**
 * Computes the blocks that no thread has begun, and waits for the others.
 *
 * A helper may wait long for a processor that other programs use. A caller that can compute unfinished
 * blocks itself therefore waits no longer than `patience` times the time of a block. Helpers still
 * write the memory of such a job afterwards.
 *
 * @param patience default: waits until all blocks are done
 * @returns whether all blocks are done
 * @throws Error where a helper failed
 */
export type Finish = (patience?: number) => boolean;

export interface SharedWork<J> {
  /**
   * Begins the blocks 0 to `blocks` - 1 of a job. Helpers compute until the returned function is
   * called, which computes with them.
   *
   * The memory that blocks write is shared, and no block depends on another.
   *
   * @param run computes a block on the calling thread
   */
  begin(job: J, blocks: number, run: RunBlock): Finish;
  /** Helpers forget the work. */
  dispose(): void;
}

/** The number of blocks begun, of those done (below 0 after a failure), and the text of the failure. */
const countsOf = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * (2 + longestText)));

const longestText = 400;
const failed = -(2 ** 30);

/**
 * Takes blocks until none is left. Helpers run it too: it uses nothing but its arguments.
 *
 * @returns the number of blocks taken
 */
function takeBlocks(run: RunBlock, counts: Int32Array, blocks: number): number {
  let taken = 0;
  for (let block = Atomics.add(counts, 0, 1); block < blocks; block = Atomics.add(counts, 0, 1)) {
    run(block);
    Atomics.add(counts, 1, 1);
    Atomics.notify(counts, 1);
    taken += 1;
  }
  return taken;
}

interface Helper {
  readonly thread: Worker;
  /** Numbers of the works that it has loaded. */
  readonly loaded: Set<number>;
}

const helpers: Helper[] = [];
let works = 0;

/** Starts helpers until there are so many. */
function haveHelpers(count: number): void {
  while (helpers.length < count) helpers.push(startHelper());
}

function startHelper(): Helper {
  const { Worker } = builtin!("node:worker_threads");
  const code = `
    const { parentPort, workerData: { failed, longestText } } = process.getBuiltinModule("node:worker_threads");
    const works = new Map();
    const takeBlocks = ${String(takeBlocks)};
    const loaded = ({ code, data }) => {
      try {
        return (0, eval)("(" + code + ")")(data);
      } catch (error) {
        return () => { throw error; };
      }
    };
    parentPort.on("message", ({ number, load, forget, job, counts, blocks, port }) => {
      if (forget) return void works.delete(number);
      if (port) return void loaded(load)(port);
      try {
        if (load !== undefined) works.set(number, loaded(load));
        takeBlocks(works.get(number)(job), counts, blocks);
      } catch (error) {
        const text = String(error?.stack ?? error).slice(0, longestText);
        for (let i = 0; i < text.length; i++) counts[2 + i] = text.charCodeAt(i);
        Atomics.store(counts, 1, failed);
        Atomics.notify(counts, 1);
      }
    });`;
  const thread = new Worker(code, { eval: true, execArgv: [], workerData: { failed, longestText } });
  thread.unref();
  return { thread, loaded: new Set() };
}

/**
 * Starts code in a helper that answers messages. It shares the helper with other work.
 *
 * @param number of the helper, from 0. It starts if it has not.
 * @param code source text of a function of `data` that returns a function of a `MessagePort`; it uses
 *   nothing but its argument
 * @returns the other port, and the thread, which ends with an `error` event where the code fails
 */
export function serveInHelper(number: number, code: string, data: unknown): { port: MessagePort; thread: Worker } {
  haveHelpers(number + 1);
  const { thread } = helpers[number]!;
  const { port1, port2 } = new (builtin!("node:worker_threads").MessageChannel)();
  thread.postMessage({ load: { code, data }, port: port2 }, [port2]);
  return { port: port1, thread };
}

function failureOf(counts: Int32Array): Error {
  const text = String.fromCharCode(...counts.subarray(2).filter((code) => code > 0));
  return new Error(`a thread that shares work failed: ${text}. useThreads(1) computes without threads.`);
}

/**
 * Work that helpers can share.
 *
 * @param code source text of a function of `data` that returns a function from a job to
 *   {@link RunBlock}; it uses nothing but its argument
 * @param data what every helper is given a copy of, except for shared memory
 */
export function sharedWork<J extends object>(code: string, data: unknown): SharedWork<J> {
  const number = works++;
  return {
    begin(job, blocks, run) {
      const counts = countsOf();
      haveHelpers(threadCount() - 1);
      for (const { thread, loaded } of helpers.slice(0, threadCount() - 1)) {
        const load = loaded.has(number) ? undefined : { code, data };
        loaded.add(number);
        thread.postMessage({ number, load, job, counts, blocks });
      }
      return (patience = Infinity) => {
        const started = performance.now();
        const taken = takeBlocks(run, counts, blocks);
        const now = performance.now();
        const end = now + (patience * (now - started)) / taken;
        for (let done = Atomics.load(counts, 1); done < blocks; done = Atomics.load(counts, 1)) {
          if (done < 0) throw failureOf(counts);
          const left = taken === 0 ? Infinity : end - performance.now();
          if (left <= 0) return false;
          Atomics.wait(counts, 1, done, left);
        }
        return true;
      };
    },
    dispose() {
      for (const { thread, loaded } of helpers) if (loaded.delete(number)) thread.postMessage({ number, forget: true });
    },
  };
}
