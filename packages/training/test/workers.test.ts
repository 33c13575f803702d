/** What several workers exchange, with workers that are all in this process. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { describe, expect, it } from "vitest";
import { resolveConfig } from "../src/config.js";
import { defineExperiment } from "../src/experiment.js";
import { ownFolder } from "../src/files.js";
import { runPaths } from "../src/run-paths.js";
import type { HostTensor } from "../src/snapshot.js";
import { assertSame, ownTensors } from "../src/workers/agreement.js";
import { announced, readTogether, writeTogether } from "../src/workers/checkpoints.js";
import { meanMetrics } from "../src/workers/metrics.js";
import { sharedBatches, shareOfBatchSize } from "../src/workers/share.js";
import type { Workers } from "../src/workers/workers.js";
import { temporaryFolder } from "./temporary-folder.js";

/** `count` workers that exchange rows in float32. */
function workersHere(count: number): Workers[] {
  let waiting: { row: readonly number[]; index: number; resolve: (rows: number[][]) => void }[] = [];
  const gather = (index: number) => (row: readonly number[]) =>
    new Promise<number[][]>((resolve) => {
      waiting.push({ row, index, resolve });
      if (waiting.length < count) return;
      const all = waiting.sort((a, b) => a.index - b.index);
      waiting = [];
      // As a mean of all rows, times their number.
      const rows = all.map((one) =>
        one.row.map((value) => Math.fround(count * Math.fround(Math.fround(value) / count))),
      );
      for (const one of all) one.resolve(rows);
    });
  return Array.from({ length: count }, (_, index) => ({ count, index, gather: gather(index) }));
}

const together = <T>(count: number, work: (workers: Workers) => Promise<T>): Promise<T[]> =>
  Promise.all(workersHere(count).map(work));

describe("shares of batches", () => {
  const rows = (of: { x: tf.Tensor; y: tf.Tensor }) => [Array.from(of.x.dataSync()), Array.from(of.y.dataSync())];
  const batches = (size: number) => ({
    perEpoch: 3,
    at: (t: number) =>
      tf.tidy(() => ({ x: tf.add(tf.range(0, size), 10 * t), y: tf.reshape(tf.range(0, 2 * size), [size, 2]) })),
  });

  it("are all rows of a batch, once each, in order", () => {
    const parts = [0, 1, 2].map((index) => rows(sharedBatches(batches(6), { index, count: 3 }).at(1)));
    expect(parts.flatMap(([x]) => x)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(parts.flatMap(([, y]) => y)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  it("have equal sizes where a last batch is smaller, and at least a row", () => {
    const sizes = (size: number) =>
      [0, 1, 2].map((index) => rows(sharedBatches(batches(size), { index, count: 3 }).at(0))[0]);
    expect(sizes(5)).toEqual([[0], [1], [2]]);
    expect(sizes(2)).toEqual([[0], [1], [0]]);
  });

  it("keep no tensors, and are the batches themselves for one worker", () => {
    const alone = batches(4);
    expect(sharedBatches(alone, { index: 0, count: 1 })).toBe(alone);
    const before = tf.memory().numTensors;
    tf.dispose(sharedBatches(batches(4), { index: 1, count: 2 }).at(0));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("are refused where they cannot be even, or rows differ", () => {
    expect(shareOfBatchSize(100, { count: 4 })).toBe(25);
    expect(() => shareOfBatchSize(100, { count: 3 })).toThrow(/batchSize is 100 for 3 workers.*multiple of 3.*102/s);
    const uneven = { perEpoch: 1, at: () => ({ x: tf.zeros([4]), y: tf.zeros([3]) }) };
    expect(() => sharedBatches(uneven, { index: 0, count: 2 }).at(0)).toThrow(/4 and 3 rows/);
  });
});

it("metrics are means, and all stop when one is to", async () => {
  const found = await together(3, (workers) =>
    meanMetrics(workers, { loss: workers.index, x: 1 }, workers.index === 2),
  );
  for (const { values, stop } of found) {
    expect(values).toEqual({ loss: 1, x: 1 });
    expect(stop).toBe(true);
  }
  const [sound] = await together(2, (workers) => meanMetrics(workers, { loss: workers.index === 0 ? NaN : 1 }, false));
  expect(sound).toEqual({ values: { loss: NaN }, stop: false });
});

it("a number that worker 0 announces arrives exactly", async () => {
  const tell = (number: number | undefined) =>
    together(3, (workers) => announced(workers, workers.index === 0 ? number : undefined));
  expect(await tell(16_777_217)).toEqual([16_777_217, 16_777_217, 16_777_217]);
  expect(await tell(0)).toEqual([0, 0, 0]);
  expect(await tell(undefined)).toEqual([undefined, undefined, undefined]);
});

describe("workers that come with something else", () => {
  const meeting = (bring: (index: number) => unknown, count = 3) =>
    together(count, async (workers) =>
      assertSame(workers, bring(workers.index)).then(
        () => "fits",
        (error: Error) => error.message,
      ),
    );

  it("fit where all is the same", async () => {
    expect(await meeting(() => ({ versions: { a: "1" }, training: { seed: 1 }, options: {}, list: [] }))).toEqual([
      "fits",
      "fits",
      "fits",
    ]);
  });

  it("are named, with what differs, by all", async () => {
    const told = await meeting((index) => ({
      versions: { a: "1" },
      seed: index === 1 ? 7 : 1,
      ...(index === 2 && { x: 0 }),
    }));
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toContain("worker 1 does not fit worker 0:\n    seed: 7, worker 0 has 1\n");
    expect(told[0]).toContain("worker 2 does not fit worker 0:\n    x: 0, worker 0 has nothing\n");
  });
});

const tensor = (name: string, ...values: number[]): HostTensor => ({
  ...{ name, dtype: "float32", shape: [values.length], values: Float32Array.from(values) },
});

describe("tensors of workers", () => {
  it("are their own where they differ", async () => {
    const own = await together(2, (workers) =>
      ownTensors(workers, [
        tensor("state.params.w", 1),
        tensor("state.buffer", workers.index),
        tensor("state.step", 2),
      ]),
    );
    expect(own.map((of) => of.map(({ name }) => name))).toEqual([["state.buffer"], ["state.buffer"]]);
  });

  it.each(["state.params.w", "state.optimizer.moments.0", "averaged.w"])(
    "that must not differ are named: %s",
    async (name) => {
      const found = together(3, (workers) => ownTensors(workers, [tensor(name, workers.index === 1 ? 1 + 1e-7 : 1)]));
      await expect(found).rejects.toThrow(`${name} of worker 1 is not that of worker 0`);
    },
  );
});

describe("checkpoints of workers", () => {
  const config = resolveConfig(
    defineExperiment({
      name: "none",
      data: { load: () => Promise.reject(new Error("no data")) },
      model: { init: async () => ({ params: {} }), update: () => Promise.reject(new Error("no update")) },
      training: { iterations: 9, batchSize: 1 },
    }),
  );
  const tensors = (index: number, iteration: number) => [
    tensor("state.params.w", iteration),
    tensor("state.buffer", index),
  ];

  it("hold what each worker has, and are complete whenever worker 0's is there", async () => {
    const paths = runPaths(await temporaryFolder());
    await ownFolder(paths.folder, "checkpoints");
    const owner = { experiment: "none", config };
    for (const iteration of [1, 2, 3]) {
      await together(3, (workers) =>
        writeTogether(workers, paths, { iteration, tensors: tensors(workers.index, iteration) }, owner, {
          keep: 2,
          every: 9,
        }),
      );
      const complete = readdirSync(paths.checkpoints);
      for (const k of ["1", "2"]) expect(readdirSync(join(paths.workers, k))).toEqual(complete);
    }
    expect(readdirSync(paths.checkpoints)).toEqual(["2", "3"]);
    const read = await together(3, (workers) => readTogether(workers, paths, 2, config));
    expect(read.map((of) => of.tensors.map(({ values }) => values[0]))).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
    ]);
    const [, , , fourth] = workersHere(4);
    await expect(readTogether(fourth!, paths, 2, config)).rejects.toThrow(/no checkpoint .*workers.3.2/);
    const taken = await readTogether(fourth!, paths, 2, config, true);
    expect(taken.tensors.map(({ values }) => values[0])).toEqual([2, 0]);
  });
});
