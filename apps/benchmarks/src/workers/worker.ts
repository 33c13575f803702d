/**
 * One worker of a measurement: `worker.ts CASE BATCH CALLS [WORKERS TASK]`. Prints one line of JSON.
 *
 * Without workers it computes its updates alone.
 */
import { readFileSync } from "node:fs";
import { allMean, compile, joinCluster, useEngine } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { convUpdates } from "../cases/learning-iteration.js";
import { recoveryUpdates } from "../cases/recovery.js";
import { iterations, type IterationName, type Measured } from "./protocol.js";

const updatesOf: Record<IterationName, (batch: number) => Promise<{ call(): Promise<number>; params(): unknown }>> = {
  "conv-learning-iteration": convUpdates,
  "recovery-iteration": recoveryUpdates,
};

const [name, batch, calls, workers, task] = process.argv.slice(2) as [IterationName, string, string, string?, string?];
if (!(name in iterations)) throw new Error(`no iteration is called ${name}`);

await useEngine("tensorflow", { threads: 1 });
if (workers !== undefined) await joinCluster({ workers: workers.split(","), task: Number(task) });

/** Bytes that the loopback device has sent since the machine started. */
function sentBytes(): number {
  const line = readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .find((one) => one.trim().startsWith("lo:"));
  return Number(line?.trim().split(/\s+/)[9] ?? NaN);
}

const average = compile((x: tf.Tensor) => allMean(x));

/** Milliseconds of each call. All workers begin a call together. */
async function timed(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  const one = tf.scalar(1);
  for (let i = 0; i <= Number(calls); i++) {
    (await average(one)).dispose();
    const start = performance.now();
    await work();
    if (i > 0) times.push(performance.now() - start); // The first call records the program.
  }
  return times;
}

const updates = await updatesOf[name](Number(batch));
const parameters = tree.sizeOf(updates.params() as TensorTree);
await updates.call();
const before = sentBytes();
const milliseconds = await timed(updates.call);
const bytes = (sentBytes() - before) / (Number(calls) + 1);
const buffer = tf.zeros([parameters]);
const averaging = await timed(async () => (await average(buffer)).dispose());
process.stdout.write(`${JSON.stringify({ milliseconds, averaging, bytes, parameters } satisfies Measured)}\n`);
