/** The chain over examples, which has to find its own scale. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { sgd } from "@ergodic/nn";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, expect, it } from "vitest";
import { neuralTransport } from "../src/index.js";
import { affineFlow } from "./support.js";

beforeAll(() => useEngine("onnx"));

const flat: EnergyModel<{ readonly none: tf.Tensor }> = {
  init: () => ({ none: tf.zeros([1]) }),
  energy: (_, x) => tf.zeros([x.shape[0]!]),
};

it.each([0.005, 0.2, 5])("spreads from one point to a law of standard deviation %f", async (sd) => {
  const mean = [1, -1];
  const { backbone, params } = affineFlow(
    [
      [sd, 0],
      [0, sd],
    ],
    mean,
  );
  const learner = neuralTransport({
    flow: { ...backbone, init: () => params },
    energy: flat,
    optimizers: { flow: sgd({ learningRate: 0 }), energy: sgd({ learningRate: 0 }) },
    observe: (batch: { readonly x: tf.Tensor }) => batch.x,
  });
  const batch = { x: tf.add(tf.zeros([256, 2]), mean) };
  const chain = learner.chains(await learner.init(random.key(1), batch), batch).data;
  const { kernel } = chain;
  const step = compile((x: tf.Tensor, key: Key) => kernel.step(kernel.init(x), key)[0].position as tf.Tensor);
  let x = chain.start(random.key(2), 256) as tf.Tensor;
  for (let i = 0; i < 400; i += 1) x = await step(x, random.fold(random.key(3), i));
  const { mean: centre, variance } = tf.moments(x, 0);
  // For 256 chains a mean has standard error sd/16, and a standard deviation has 4.4 % of itself.
  // False alarm rate of 4.5 standard errors of both: one in 70,000 runs.
  tf.div(tf.sub(centre, mean), sd)
    .dataSync()
    .forEach((error) => expect(Math.abs(error)).toBeLessThan(0.28));
  variance.dataSync().forEach((value) => expect(Math.abs(Math.sqrt(value) / sd - 1)).toBeLessThan(0.2));
  await step.dispose();
});
