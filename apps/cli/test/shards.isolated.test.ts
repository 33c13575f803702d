/** Shares of the pieces of a computation, and their parts in files. */
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { scoreModel, type Arrays, type EvaluationPlan, type Pieces } from "@ergodic/evaluation/model";
import { random, type Key } from "@ergodic/tensor";
import { drawSamples } from "../src/runs/draw-samples.js";
import { openParts, type PartsFlags } from "../src/shards/parts.js";
import { shard, shareOf } from "../src/shards/shard.js";
import { emptyFolder } from "./support.js";

const open = async (folder: string, flags: Partial<PartsFlags>, origin = "one", seed = 0) =>
  openParts({ merge: false, ...flags, folder, settings: { seed }, origin: { engine: origin } });

/** Runs `work` in all shares, then with the parts, and once in one process. */
async function bothWays<T>(of: number, work: (pieces: Pieces) => Promise<T>): Promise<[whole: T, merged: T]> {
  const folder = await emptyFolder();
  for (let index = of; index >= 1; index--) {
    const parts = await open(folder, { shard: { index, of } });
    await work(parts.pieces);
    expect(await parts.finish()).toContain(`${index}-of-${of}.npz`);
  }
  const [{ pieces: all }, { pieces: stored }] = [await open(folder, {}), await open(folder, { merge: true })];
  return [await work(all), await work(stored)];
}

describe("a share", () => {
  it("is one part of all pieces, of nearly equal size", () => {
    for (const [count, of] of [
      [10, 3],
      [2, 5],
      [7, 7],
      [0, 2],
    ] as const) {
      const shares = Array.from({ length: of }, (_, k) => shareOf(count, { index: k + 1, of }));
      expect(shares[0]!.from).toBe(0);
      expect(shares.at(-1)!.to).toBe(count);
      shares.slice(1).forEach(({ from }, k) => expect(from).toBe(shares[k]!.to));
      for (const { from, to } of shares) expect(Math.abs(to - from - count / of)).toBeLessThan(1);
    }
  });

  it("is written k/n", () => {
    expect(shard("2/8")).toEqual({ index: 2, of: 8 });
    for (const wrong of ["0/8", "9/8", "2", "2/", "a/b", "-1/3"]) expect(() => shard(wrong)).toThrow(/2\/8/);
  });
});

describe("parts", () => {
  it("join to the very samples of one process, whose calls differ", async () => {
    const sampler = async (key: Key, n: number) => random.normal(key, [n, 2]);
    const drawing = { samplers: [sampler, sampler], n: 250, key: random.key(3), show: undefined };
    const [whole, merged] = await bothWays(4, (pieces) => drawSamples({ ...drawing, pieces }));
    expect(merged).toEqual(whole);
    if (whole?.kind !== "points") throw new Error("expected points");
    expect(whole.shape).toEqual([500, 2]);
    expect(new Set(Array.from(whole.values)).size).toBeGreaterThan(499);
  });

  it("join to the very scores of one process", async () => {
    const images = (key: Key, n: number) => random.normal(key, [n, 2, 1, 1]) as tf.Tensor4D;
    const data = images(random.key(5), 700);
    const values = await data.data<"float32">();
    const dataset = {
      ...{ description: "noise", size: 700, all: () => ({ images: values, shape: [700, 2, 1, 1] }) },
      batches: ({ batchSize }: { readonly batchSize: number }) => ({
        at: (i: number) => tf.slice(data, [(i * batchSize) % 200, 0, 0, 0], [batchSize, 2, 1, 1]),
      }),
    };
    const source = { load: () => Promise.resolve(dataset) };
    const plan = { test: source, reference: source, components: 2 } as unknown as EvaluationPlan;
    const model = {
      sample: async (key: Key, n: number) => images(key, n),
      reconstruct: async (batch: unknown, key: Key) => ({
        original: tf.clone(batch as tf.Tensor4D),
        reconstruction: images(key, (batch as tf.Tensor4D).shape[0]),
      }),
    };
    const score = (pieces: Pieces) => scoreModel({ model, plan, metrics: ["fpd", "mse"], n: 700, seed: 0, pieces });
    const [whole, merged] = await bothWays(2, score);
    expect(merged).toEqual(whole);
    expect(whole.fpd!.generated).toBe(700);
    expect(whole.mse!.value).toBeGreaterThan(0);
  });

  const work = async ({ results }: Pieces) => {
    const compute = (index: number) => Promise.resolve<Arrays>({ x: { shape: [], values: Int32Array.of(index) } });
    for await (const _ of results({ name: "work", count: 6, compute }));
  };

  it("that are missing, of another engine or damaged are named; other settings have other parts", async () => {
    const folder = await emptyFolder();
    const write = async (index: number, origin = "one") => {
      const parts = await open(folder, { shard: { index, of: 3 } }, origin);
      await work(parts.pieces);
      return parts.finish();
    };
    await write(2);
    const merge = (seed = 0) => open(folder, { merge: true }, "one", seed);
    await expect(merge()).rejects.toThrow(/parts are missing in .*: 1\/3, 3\/3\./);
    await expect(merge(1)).rejects.toThrow(/no parts of these settings.*--shard 1\/n/);
    await write(1);
    const last = await write(3, "other");
    await expect(merge()).rejects.toThrow(/part 3\/3 was computed by .*other.*, part 1\/3 by .*one/);
    await rm(last!);
    await (await open(folder, { shard: { index: 3, of: 3 } })).finish();
    await expect(work((await merge()).pieces)).rejects.toThrow(/part 3\/3 .* lacks piece 4 of "work"/);
    expect(readdirSync(folder)).toHaveLength(1);
    await expect(open(folder, { merge: true, shard: { index: 1, of: 2 } })).rejects.toThrow(/leave out one of them/);
    expect(readdirSync(join(folder, readdirSync(folder)[0]!))).toHaveLength(3);
  });
});
