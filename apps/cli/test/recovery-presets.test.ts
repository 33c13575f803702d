/**
 * The presets of recovery likelihood: settings, sizes, and an update and a sample at small width.
 */
import { useEngine } from "@ergodic/engine";
import { random, trainedPart, tree, type TensorTree } from "@ergodic/tensor";
import type { Experiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { maskOfPart, parts } from "../src/inpainting/masks.js";
import { publishedRecoveries } from "../src/preset-parts/recovery-published.js";
import { loadPresetModule } from "../src/presets.js";

beforeAll(() => useEngine("onnx"));

const presetNamed = async (name: string) => (await loadPresetModule(name)).default as Experiment;
const small = { channels: 4, blocks: 1, steps: 1, initialiserChannels: 4 };
const sizes: Readonly<Record<string, readonly [number, number, number]>> = {
  "recovery/digits-8": [8, 8, 1],
  "recovery/digits-16": [16, 16, 1],
  "recovery/emoji-32": [32, 32, 3],
  "cdrl/digits-8": [8, 8, 1],
};

describe("a small model of the preset", () => {
  it.each(["recovery/digits-16", "recovery/emoji-32"])("%s learns", async (name) => {
    const preset = await presetNamed(name);
    const model = preset.model(preset.options.parse(small), preset.training);
    const batch = { images: random.uniform(random.key(0), [2, ...sizes[name]!], { low: -1, high: 1 }) };
    const state = await model.init(random.key(1), batch);
    const { metrics } = await model.update(state, batch, { key: random.key(2), iteration: 0 });
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    await model.dispose?.();
  });

  it.each([
    ["recovery/digits-8", { sampler: "mixing" }],
    ["recovery/digits-8", { sampler: "mala" }],
    ["recovery/digits-8", { sampler: "hmc" }],
    ["recovery/digits-8", { sampler: "normal", objective: "score", levels: 1000 }],
    ["recovery/digits-8", { sampler: "mixing", levels: 1 }],
    [
      "cdrl/digits-8",
      { initialiser: false, schedule: "strided", sharedNoise: false, denoise: false, design: "recovery" },
    ],
    ["cdrl/digits-8", {}],
  ] as const)("%s with %j learns", async (name, changes) => {
    const preset = await presetNamed(name);
    const model = preset.model(preset.options.parse({ ...small, ...changes }), preset.training);
    const batch = { images: random.uniform(random.key(0), [2, ...sizes[name]!], { low: -1, high: 1 }) };
    const state = await model.init(random.key(1), batch);
    const next = await model.update(state, batch, { key: random.key(2), iteration: 0 });
    expect(Object.values(next.metrics).every(Number.isFinite)).toBe(true);
    if (!("levels" in changes)) {
      const samples = (await model.sample!(next.state, random.key(3), 2)) as tf.Tensor;
      expect(samples.shape).toEqual([2, ...sizes[name]!]);
    }
    await model.dispose?.();
  });
});

it("recovery/digits-8 has the network of the small run", async () => {
  const preset = await presetNamed("recovery/digits-8");
  const model = preset.model(preset.options.parse({}), preset.training);
  const { params } = await model.init(random.key(0), undefined);
  expect(tree.sizeOf(trainedPart(params as TensorTree) as TensorTree)).toBe(33_824);
});

it("cdrl/digits-8 has an initialiser of the size of its energy", async () => {
  const preset = await presetNamed("cdrl/digits-8");
  const model = preset.model(preset.options.parse({}), preset.training);
  const { params } = await model.init(random.key(0), undefined);
  const sizeOf = (part: TensorTree): number => tree.sizeOf(trainedPart(part) as TensorTree);
  const { energy, initialiser } = params as { readonly energy: TensorTree; readonly initialiser: TensorTree };
  expect([sizeOf(energy), sizeOf(initialiser)]).toEqual([33_792, 31_233]);
});

it("published presets name the data that they need", async () => {
  for (const name of Object.keys(publishedRecoveries)) {
    const preset = await presetNamed(name);
    expect(() => preset.data(preset.options.parse({}))).toThrow(/options.dataFrom is not set/);
  }
});

describe("the mask of a part", () => {
  it.each(parts)("%s fills the share of the image that it names", (part) => {
    const mask = maskOfPart(part, [8, 8, 3]);
    expect(mask.shape).toEqual([1, 8, 8, 3]);
    expect(tf.mean(mask).dataSync()[0]).toBeCloseTo(part === "centre" ? 0.75 : 0.5, 5);
  });

  it("fills the right half for right", () => {
    const row = tf.slice(maskOfPart("right", [2, 4, 1]), [0, 0, 0, 0], [1, 1, 4, 1]).dataSync();
    expect([...row]).toEqual([1, 1, 0, 0]);
  });
});
