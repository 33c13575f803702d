/** The presets of two-layer priors: parameter counts, and one iteration of each kind. */
import { useEngine } from "@ergodic/engine";
import { imageDataset, type ImageBatch } from "@ergodic/data";
import { readPlan } from "@ergodic/evaluation/model";
import { random, trainedPart, tree, type TensorTree } from "@ergodic/tensor";
import { phaseAt } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import fashion from "../src/presets/joint-prior/fashion-mnist.js";
import joint from "../src/presets/joint-prior/mnist.js";
import twoStage from "../src/presets/joint-prior/mnist-two-stage.js";

beforeAll(() => useEngine("onnx"));

const size = (params: TensorTree): number =>
  tree.leaves(trainedPart(params)).reduce((total, leaf) => total + leaf.size, 0);
const shapeOf = (values: TensorTree): number[] => tree.leaves(values)[0]!.shape;
/** Parameters of a fully connected network. */
const mlp = (...sizes: readonly number[]): number =>
  sizes.slice(1).reduce((total, out, i) => total + (sizes[i]! + 1) * out, 0);

const generator = mlp(16, 128, 256, 784);
const conditional = mlp(8, 64, 64, 32);
const short = { prior: { steps: 2 }, examples: 100 };
const batches = async () =>
  (await joint.data(joint.options.parse(short)).load()).batches({ batchSize: 4, key: random.key(0) });

describe("digits of two layers", () => {
  it("learn by chains of all layers, and without a tilt", async () => {
    const data = await batches();
    for (const tilted of [true, false]) {
      const options = joint.options.parse({ ...short, posterior: { steps: 2 }, tilted });
      const learner = joint.model(options, joint.training);
      const state = await learner.init(random.key(1), data.at(0) as ImageBatch);
      const tilt = tilted ? mlp(16, 64, 64, 1) + mlp(8, 64, 1) : 0;
      expect(size(state.params)).toBe(generator + conditional + tilt);
      const { metrics, state: next } = await learner.update(state, data.at(0) as ImageBatch, {
        key: random.key(2),
        iteration: 0,
      });
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      expect(shapeOf(await learner.sample!(next, random.key(3), 2))).toEqual([2, 28, 28, 1]);
      await learner.dispose!();
    }
  });

  it("learn in two stages, and score, reconstruct and sample", async () => {
    const phases = { backbone: 1, prior: 1 };
    const learner = twoStage.model(twoStage.options.parse(short), { ...twoStage.training, phases });
    const data = await batches();
    const batch = data.at(0) as ImageBatch;
    let state = await learner.init(random.key(1), batch);
    const inference = mlp(784, 256, 128, 32) + mlp(16, 64, 64, 16);
    expect(size(state.params.backbone as TensorTree)).toBe(generator + conditional + inference);
    expect(size(state.params.energy)).toBe(mlp(16, 128, 128, 1) + mlp(8, 128, 128, 1));
    for (const i of [0, 1]) {
      const context = { key: random.key(i), iteration: i, phase: phaseAt(phases, i)! };
      const { state: next, metrics } = await learner.update(state, batch, context);
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      state = next;
    }
    expect(shapeOf(await learner.score!(state, batch, random.key(4)))).toEqual([4]);
    const { reconstruction } = await learner.reconstruct!(state, batch, random.key(5));
    expect(shapeOf(reconstruction)).toEqual([4, 28, 28, 1]);
    expect(shapeOf(await learner.sample!(state, random.key(6), 2))).toEqual([2, 28, 28, 1]);
    await learner.dispose!();
  });

  it("learn clothes by convolutions in two stages, and score by each layer", async () => {
    const phases = { backbone: 1, prior: 1 };
    const options = fashion.options.parse({ prior: { steps: 2 }, features: 2 });
    const learner = fashion.model(options, { ...fashion.training, phases });
    const pixels = random.host.integers(random.key("pixels"), 2 * 784, { high: 256 });
    const bytes = Uint8Array.from(pixels);
    const data = imageDataset({ description: "noise", bytes, imageShape: [28, 28, 1], scale: [0, 1] });
    const batch = data.take(Int32Array.of(0, 1));
    let state = await learner.init(random.key(1), batch);
    for (const i of [0, 1]) {
      const context = { key: random.key(i), iteration: i, phase: phaseAt(phases, i)! };
      ({ state } = await learner.update(state, batch, context));
    }
    const scores = await learner.scores!(state, batch, random.key(4));
    expect(Object.keys(scores).sort()).toEqual(["above.z1", "ratioAbove.z1", "reconstructionError", "score"]);
    expect(shapeOf(await learner.sample!(state, random.key(6), 2))).toEqual([2, 28, 28, 1]);
    expect(readPlan(fashion.evaluation(fashion.options.parse({})))!.published!.metric).toBe("auroc");
    await learner.dispose!();
  });
});
