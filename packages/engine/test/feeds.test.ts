/**
 * The draws of a call have the numbers of the recorded keys, and each intermediate key is derived
 * once.
 */
import * as tf from "@tensorflow/tfjs-core";
import { HostKey, random, type Key } from "@ergodic/tensor";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { EngineError, useEngine } from "../src/index.js";
import { feedsOf } from "../src/programs/feeds.js";
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

  it("are the draws of the eager run, also for several keys", () => {
    const fn = (a: Key, x: tf.Tensor, b: Key): tf.Tensor[] => [...noise(a), x, ...noise(b), random.uniform(a, [2])];
    const args = [random.key(1), tf.tensor1d([5]), random.key(2)] as const;
    const call = trace(fn, args, options);
    const { graph } = call;
    const feeds = feedsOf(call)(args);
    const values = new Map(graph.inputs.map(({ value }, i) => [value.id, feeds[i]!]));
    const got = graph.outputs
      .map((id) => values.get(id)!)
      .map((feed) => (feed instanceof tf.Tensor ? feed.dataSync() : feed));
    expect(got).toEqual(fn(...args).map((t) => t.dataSync()));
  });

  it("derive every key once a call", () => {
    const feeds = feedsOf(trace(noise, [random.key(1)], options));
    const derive = vi.spyOn(HostKey.prototype, "derive");
    feeds([random.key(2)]);
    expect(derive).toHaveBeenCalledTimes(3 + 6);
  });

  it("refuse a disposed argument", () => {
    const feeds = feedsOf(trace((x: tf.Tensor) => x, [tf.ones([1])], options));
    const gone = tf.ones([1]);
    gone.dispose();
    expect(() => feeds([gone])).toThrow(EngineError);
  });
});
