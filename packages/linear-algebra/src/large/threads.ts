/**
 * Threads that help with products of matrices, where there are threads of Node's and shared memory.
 *
 * They start at the first large product and do not keep the process alive. A page computes alone: it
 * must not wait, and has shared memory only under rare headers.
 */
import type { Worker } from "node:worker_threads";
import { assertPositiveInteger } from "@ergodic/tensor";
import { addBlocks, type Job } from "./blocks.js";
import { tilesBinary } from "./tiles-binary.js";
import { compiledTiles, shape, tilesOf } from "./tiles.js";

/** More threads than this mostly wait for memory. */
const MOST = 16;

let chosen: number | undefined;
const helpers: Worker[] = [];

/**
 * Sets the number of threads of a large product, the calling one included. The results have the
 * same bits. The default is ERGODIC_THREADS, otherwise the number of logical processors, at most 16.
 *
 * Where threads cannot help, as in a page, the number has no effect.
 */
export function useThreads(count: number): void {
  assertPositiveInteger({ count });
  chosen = count;
}

const builtin = globalThis.process?.getBuiltinModule?.bind(globalThis.process);

/** The number of threads of a large product, the calling one included. */
export function threadCount(): number {
  if (builtin === undefined || "document" in globalThis || compiledTiles() === undefined) return 1;
  return (chosen ??=
    Number(process.env["ERGODIC_THREADS"]) || Math.min(MOST, builtin("node:os").availableParallelism()));
}

/** Zeros that all threads can read and write; ordinary memory where this one is alone. */
export const sharedZeros = (length: number): Float64Array =>
  threadCount() > 1 ? new Float64Array(new SharedArrayBuffer(8 * length)) : new Float64Array(length);

/** Lets the helpers take blocks of a job. All of its memory is shared. */
export function askForHelp(job: Job): void {
  while (helpers.length < threadCount() - 1) helpers.push(startHelper());
  for (const helper of helpers.slice(0, threadCount() - 1)) helper.postMessage(job);
}

function startHelper(): Worker {
  const { Worker } = builtin!("node:worker_threads");
  const code = `
    const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
    const module = new WebAssembly.Module(Buffer.from(workerData.binary, "base64"));
    const tiles = (${String(tilesOf)})(new WebAssembly.Instance(module).exports, workerData.shape);
    parentPort.on("message", (job) => (${String(addBlocks)})(job, tiles));`;
  const helper = new Worker(code, { eval: true, execArgv: [], workerData: { binary: tilesBinary, shape } });
  helper.unref();
  return helper;
}
