/** Noise-contrastive estimation against a flow that learns, beside its two halves alone. */
import { compile, useEngine } from "@ergodic/engine";
import { flowLearner, realNvp } from "@ergodic/flows";
import { adam } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { energyLearner, flowContrastive, flowNoise, noiseContrastiveLoss } from "../src/index.js";
import { drawTruth, normalModel } from "./normal-model.js";

beforeAll(() => useEngine("onnx"));

const flow = realNvp({ features: 2, couplings: 2, widths: [8] });
const optimizer = adam({ learningRate: 0.01 });
const ratio = 3;
const observe = (x: tf.Tensor) => x;

it("moves the flow as its maximum likelihood does, and contrasts the data with the flow before", async () => {
  const x = drawTruth(random.key("examples"), 64);
  const learner = energyLearner({
    ...{ model: normalModel, optimizer, observe },
    objective: flowContrastive({ flow, optimizer, ratio }),
  });
  const alone = flowLearner({ flow, optimizer, observe });
  const begun = await learner.init(random.key(0), x);
  const key = random.key(1);
  const next = await learner.update(begun, x, { key, iteration: 0 });
  const { state, metrics } = await alone.update(
    { params: begun.objective.flow, optimizer: begun.objective.optimizer },
    x,
    { key, iteration: 0 },
  );

  expect(next.metrics["flowNats"]).toBeCloseTo(metrics["nats"]!, 5);
  const moved = tree.leaves(next.state.objective.flow);
  tree.leaves(state.params).forEach((leaf, i) => {
    expect(tf.max(tf.abs(tf.sub(leaf, moved[i]!))).dataSync()[0]).toBeLessThan(1e-6);
  });

  const lossOf = compile(
    ({ flow: noise, params }: { flow: typeof begun.objective.flow; params: typeof begun.params }) =>
      noiseContrastiveLoss((at) => normalModel.energy(params, at), x, {
        ...{ noise: flowNoise(flow, noise), ratio, key: random.split(key)[0]! },
      }),
  );
  const loss = (await lossOf({ flow: begun.objective.flow, params: begun.params })).dataSync()[0]!;
  expect(next.metrics["loss"]).toBeCloseTo(loss, 5);
  await Promise.all([learner.dispose?.(), alone.dispose?.(), lossOf.dispose()]);
});

it("needs a whole number of draws", () => {
  expect(() => flowContrastive({ flow, optimizer, ratio: 0.5 })).toThrow(/ratio is 0.5/);
});
