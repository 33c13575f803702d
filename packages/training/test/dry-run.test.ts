/** Dry runs: what they measure, and that they leave nothing behind. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine } from "@ergodic/engine";
import { beforeAll, expect, it } from "vitest";
import { defineExperiment, resolveConfig } from "../src/index.js";
import { dryRun } from "../src/entries/node.js";

beforeAll(() => useEngine("onnx"));

type State = { readonly params: { readonly weight: tf.Tensor } };

/**
 * Multiplies a matrix of 4x4 by itself, `times` a step in the second phase and once in the first.
 */
const experiment = (phases: Record<string, number> | null = { short: 2, long: 30 }) => {
  const square = compile((weight: tf.Tensor, times: number) => {
    const product = Array.from({ length: times }).reduce<tf.Tensor>((x) => tf.matMul(x, weight), weight);
    return tf.div(product, tf.add(1, tf.norm(product)));
  });
  const seen: (string | undefined)[] = [];
  const defined = defineExperiment({
    data: { load: async () => ({ description: "nothing", size: 1, batches: () => ({ perEpoch: 1, at: () => ({}) }) }) },
    model: {
      init: async (): Promise<State> => ({ params: { weight: tf.eye(4) } }),
      async update({ params }: State, _: unknown, { phase }) {
        seen.push(phase?.name);
        const weight = await square(params.weight, phase?.name === "long" ? 3 : 1);
        return { state: { params: { weight } }, metrics: {} };
      },
      describe: () => "a matrix",
      dispose: () => square.dispose(),
    },
    training: { ...(phases ? { phases } : { iterations: 1 }), batchSize: 1 },
  });
  return { defined, seen };
};

it("measures every phase, with the multiply-adds of an iteration", async () => {
  const { defined, seen } = experiment();
  const before = tf.memory().numTensors;
  const measured = await dryRun({ experiment: defined });
  expect(tf.memory().numTensors).toBe(before);
  expect(measured).toMatchObject({
    data: "nothing",
    model: "a matrix; weight 16 parameters",
    phases: [
      { name: "short", iterations: 2, multiplyAdds: 64 },
      { name: "long", iterations: 30, multiplyAdds: 3 * 64 },
    ],
  });
  const [short, long] = measured.phases;
  expect(measured.secondsToEnd).toBeCloseTo(
    short!.firstSeconds + short!.seconds + long!.firstSeconds + 29 * long!.seconds,
    9,
  );
  expect(measured.peakMemory).toBeGreaterThan(1e7);
  expect(seen.slice(0, 3)).toEqual(["short", "short", "long"]);
  expect(seen.length).toBeLessThanOrEqual(2 + 21);
});

it("takes the first iteration for the only one of a run", async () => {
  const { defined } = experiment(null);
  const { phases, secondsToEnd } = await dryRun({ experiment: defined, config: resolveConfig(defined) });
  expect(phases).toHaveLength(1);
  expect(phases[0]).toMatchObject({ name: undefined, iterations: 1, multiplyAdds: 64 });
  expect(secondsToEnd).toBe(phases[0]!.firstSeconds);
});

it("counts the time of the iterations that a run has left", async () => {
  const { defined } = experiment();
  const begun = await dryRun({ experiment: defined, done: 12 });
  expect(begun.phases).toMatchObject([
    { iterations: 2, left: 0 },
    { iterations: 30, left: 20 },
  ]);
  const [, long] = begun.phases;
  expect(begun.secondsToEnd).toBeCloseTo(long!.firstSeconds + 19 * long!.seconds, 9);
  const ended = await dryRun({ experiment: defined, done: 32 });
  expect(ended.secondsToEnd).toBe(0);
});
