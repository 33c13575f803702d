/**
 * Counts that exceed any program or memory are rejected before anything is recorded or allocated.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { hmc, langevin, runSteps, sample, shortRun } from "@ergodic/samplers";
import { geometricSchedule, linearSchedule, sigmoidSchedule } from "@ergodic/samplers/annealing";
import { geometricLadder } from "@ergodic/samplers/tempering";

const energy = (x: tf.Tensor) => tf.mul(0.5, tf.sum(tf.square(x), 1)) as tf.Tensor1D;
const key = random.key(0);
const huge = 1e12;

beforeAll(async () => {
  await useEngine("cpu");
});

describe("a count without end", () => {
  const kernel = langevin({ energy, stepSize: 0.1 });
  const start = (_: unknown, n: number) => tf.zeros([n, 2]);

  it.each<[string, () => unknown]>([
    ["runSteps", () => runSteps(kernel, tf.zeros([1, 2]), { steps: huge, key })],
    ["shortRun", () => shortRun(kernel, { start, chains: 1, steps: huge, key })],
    ["leapfrog steps", () => hmc({ energy, stepSize: 0.1, steps: huge })],
    ["linearSchedule", () => linearSchedule(huge)],
    ["geometricSchedule", () => geometricSchedule(huge)],
    ["sigmoidSchedule", () => sigmoidSchedule(huge)],
    ["geometricLadder", () => geometricLadder(huge)],
  ])("is refused by %s", (_, work) => {
    expect(work).toThrow(ValidationError);
    expect(work).toThrow(/1000000000000, expected an integer in \[1, \d+\]/);
  });

  it("of draws is held against the memory", async () => {
    const before = tf.memory().numTensors;
    const initial = tf.zeros([4, 2]);
    const work = sample(kernel, { initial, draws: huge, key });
    await expect(work).rejects.toThrow(/draws of shape \[1000000000000,4,2\] takes 32 TB, expected at most/);
    initial.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
