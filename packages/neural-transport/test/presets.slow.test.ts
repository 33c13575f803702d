/**
 * Presets at full size: one iteration of each kind on two images, and the round trip through noise.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine } from "@ergodic/engine";
import { adam } from "@ergodic/nn";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { beforeAll, expect, it } from "vitest";
import { celeba64Transport, cifar10Transport, neuralTransport } from "../src/index.js";
import { during } from "./support.js";

beforeAll(() => useEngine("onnx"));

it.each([
  ["cifar10", cifar10Transport(), 32],
  ["celeba64", celeba64Transport(), 64],
] as const)(
  "%s learns an iteration of its flow and one of its energy, finite and invertible",
  async (name, preset, side) => {
    const learner = neuralTransport({
      ...preset,
      optimizers: { flow: adam({ learningRate: 1e-4 }), energy: adam({ learningRate: 1e-4 }) },
      observe: (batch: { readonly x: tf.Tensor }) => batch.x,
      chains: { count: 2, leapfrogSteps: 2 },
    });
    const batch = { x: random.normal(random.key(1), [2, side, side, 3], { sd: 0.5 }) };
    let state = await learner.init(random.key(2), batch);
    for (const kind of ["flow", "likelihood"] as const) {
      const start = performance.now();
      const { state: next, metrics } = await learner.update(state, batch, during(kind, random.key(kind)));
      console.log(
        name,
        kind,
        `${((performance.now() - start) / 1000).toFixed(1)} s`,
        `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
        metrics,
      );
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      expect(metrics["skipped"]).toBe(0);
      state = next;
    }
    const roundTrip = compile((params: TensorTree, x: tf.Tensor) =>
      preset.flow.decode(params, preset.flow.encode(params, x)),
    );
    const back = await roundTrip(state.params.backbone, batch.x);
    expect(tf.max(tf.abs(tf.sub(back, batch.x))).dataSync()[0]).toBeLessThan(1e-4);
    tree.dispose([back, state]);
    await roundTrip.dispose();
  },
);
