/**
 * Published presets of recovery likelihood at their full size: parameters, and an update of one
 * image.
 */
import { useEngine } from "@ergodic/engine";
import { random, trainedPart, tree, type TensorTree } from "@ergodic/tensor";
import type { Experiment } from "@ergodic/training";
import { beforeAll, expect, it } from "vitest";
import { publishedRecoveries } from "../src/preset-parts/recovery-published.js";
import { loadPresetModule } from "../src/presets.js";

beforeAll(() => useEngine("onnx"));

const parameters: Readonly<Record<keyof typeof publishedRecoveries, number>> = {
  "recovery/cifar10-t6": 34_833_408,
  "recovery/cifar10-t1k": 34_833_408,
  "recovery/celeba-64": 56_269_568,
  "recovery/lsun-church-64": 19_153_664,
  "recovery/lsun-bedroom-64": 19_153_664,
  "recovery/lsun-church-128": 29_119_232,
  "recovery/lsun-bedroom-128": 71_904_512,
};

it.each(Object.entries(publishedRecoveries))("%s learns from one image by one step", async (name, { table }) => {
  const preset = (await loadPresetModule(name)).default as Experiment;
  const model = preset.model(preset.options.parse({ steps: 1 }), preset.training);
  const batch = { images: random.uniform(random.key(0), [1, ...table.imageShape], { low: -1, high: 1 }) };
  const state = await model.init(random.key(1), batch);
  const { params } = state as { params: TensorTree };
  expect(tree.sizeOf(trainedPart(params) as TensorTree)).toBe(parameters[name as keyof typeof parameters]);
  const { metrics } = await model.update(state, batch, { key: random.key(2), iteration: 0 });
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  await model.dispose?.();
});

it("cdrl/cifar10 learns at a small width", async () => {
  const preset = (await loadPresetModule("cdrl/cifar10")).default as Experiment;
  const small = { channels: 4, blocks: 1, steps: 1, initialiserChannels: 4 };
  const model = preset.model(preset.options.parse(small), preset.training);
  const batch = { images: random.uniform(random.key(0), [2, 32, 32, 3], { low: -1, high: 1 }) };
  const state = await model.init(random.key(1), batch);
  const { metrics } = await model.update(state, batch, { key: random.key(2), iteration: 0 });
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  await model.dispose?.();
});
