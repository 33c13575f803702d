import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ValidationError } from "@ergodic/tensor";
import { metricValues } from "../src/metric-values.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("metrics", () => {
  it("are numbers, or scalar tensors that are read and disposed", async () => {
    const state = { last: tf.scalar(4) };
    const before = tf.memory().numTensors;
    const metrics = {
      loss: 0.5,
      gap: tf.scalar(-2),
      count: tf.scalar(3, "int32"),
      sound: tf.scalar(true, "bool"),
      // Tensors of the state are not disposed.
      last: state.last,
      broken: tf.scalar(NaN),
    };
    expect(await metricValues(metrics, state)).toEqual({
      loss: 0.5,
      gap: -2,
      count: 3,
      sound: 1,
      last: 4,
      broken: NaN,
    });
    expect([tf.memory().numTensors, state.last.isDisposed]).toEqual([before, false]);
  });

  it.each<[string, () => unknown, string]>([
    ["a vector", () => tf.zeros([2]), "a tensor of float32 of shape [2]"],
    ["a tensor of one number", () => tf.zeros([1, 1]), "a tensor of float32 of shape [1,1]"],
    ["text in a tensor", () => tf.scalar("x"), "a tensor of string of shape []"],
    ["a complex number", () => tf.complex(1, 2), "a tensor of complex64 of shape []"],
    ["text", () => "0.5", '"0.5"'],
    ["nothing", () => undefined, "undefined"],
    ["null", () => null, "null"],
    ["a bigint", () => 3n, "3n"],
    ["a boolean", () => true, "true"],
    ["a list", () => [1], "[1]"],
    ["a record", () => ({ mean: 1 }), "an object"],
    ["a promise", () => Promise.resolve(1), "a Promise"],
  ])("are refused by name: %s", async (_, value, found) => {
    const before = tf.memory().numTensors;
    const work = metricValues({ fine: tf.scalar(1), energyGap: value(), later: tf.scalar(1) }, {});
    const error: unknown = await work.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as Error).message).toBe(
      `the metric energyGap is ${found}, expected a number or a scalar tensor; reduce it to one number, for example by tf.mean`,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it("are refused when disposed, when there is no record of them, and under the log's own names", async () => {
    const gone = tf.scalar(1);
    gone.dispose();
    await expect(metricValues({ gone }, {})).rejects.toThrow(/the metric gone is a tensor that was disposed/);
    await expect(metricValues(undefined, {})).rejects.toThrow(/update\(\) returned the metrics undefined/);
    await expect(metricValues(new Map(), {})).rejects.toThrow(/returned the metrics a Map/);
    await expect(metricValues({ iteration: 1 }, {})).rejects.toThrow(/a metric is called "iteration"/);
  });
});
