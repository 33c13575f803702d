/**
 * The draws of a call have the numbers of the recorded keys, and each intermediate key is derived
 * once.
 */
import * as tf from "@tensorflow/tfjs-core";
import { HostKey, random, type Key } from "@ergodic/tensor";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { EngineError, useEngine } from "../src/index.js";
import { fedWith } from "../src/programs/feeds.js";
import { trace } from "../src/recorder/record.js";

const options = { engine: "cpu", supports: () => true, alternatives: [] };
const noise = (at: Key): tf.Tensor[] =>
  random.split(at, 3).flatMap((child) => random.split(child, 2).map((leaf) => random.normal(leaf, [4])));

describe("feeds", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("are the draws of the eager run, also for several keys", async () => {
    const fn = (a: Key, x: tf.Tensor, b: Key): tf.Tensor[] => [...noise(a), x, ...noise(b), random.uniform(a, [2])];
    const args = [random.key(1), tf.tensor1d([5]), random.key(2)] as const;
    const call = trace(fn, args, options);
    const { graph } = call;
    const feeds = await fedWith(call)(args, async (given) => given);
    const values = new Map(graph.inputs.map(({ value }, i) => [value.id, feeds[i]!]));
    const got = graph.outputs
      .map((id) => values.get(id)!)
      .map((feed) => (feed instanceof tf.Tensor ? feed.dataSync() : feed));
    expect(got).toEqual(fn(...args).map((t) => t.dataSync()));
  });

  it("derive every key once a call", async () => {
    const fed = fedWith(trace(noise, [random.key(1)], options));
    const derive = vi.spyOn(HostKey.prototype, "derive");
    await fed([random.key(2)], async () => {});
    expect(derive).toHaveBeenCalledTimes(3 + 6);
  });

  it("draw into the arrays of a call that has ended, and into others while it runs", async () => {
    const fed = fedWith(trace((at: Key) => random.normal(at, [4]), [random.key(1)], options));
    const expected = (seed: number): Float32Array => random.host.normal(random.key(seed), 4);
    let end = (): void => {};
    const first = fed([random.key(1)], async ([drawn]) => {
      await new Promise<void>((resolve) => (end = resolve));
      return drawn;
    });
    const second = await fed([random.key(2)], async ([drawn]) => drawn);
    end();
    expect(await first).toEqual(expected(1));
    expect(second).toEqual(expected(2));
    expect(await fed([random.key(3)], async ([drawn]) => drawn)).toBe(await first);
    expect(await first).toEqual(expected(3));
  });

  it("refuse a disposed argument", async () => {
    const fed = fedWith(trace((x: tf.Tensor) => x, [tf.ones([1])], options));
    const gone = tf.ones([1]);
    gone.dispose();
    await expect(fed([gone], async () => {})).rejects.toThrow(EngineError);
  });
});
