/** Sizes of the presets, compared with the formula for Glow and the published number. */
import { useEngine } from "@ergodic/engine";
import { random, trainedPart, tree, type TensorTree } from "@ergodic/tensor";
import { beforeAll, expect, it } from "vitest";
import { celeba64Transport, svhn32Transport } from "../src/index.js";

beforeAll(() => useEngine("onnx"));

function count(model: { init(key: ReturnType<typeof random.key>): TensorTree }): number {
  const params = model.init(random.key(0));
  const total = tree.sizeOf(trainedPart(params));
  tree.dispose(params);
  return total;
}

/** Size of the flow for K steps per level. It is linear in K, so two small flows determine it. */
const flowSize = (preset: typeof svhn32Transport, steps: number): number => {
  const [one, two] = [count(preset({ steps: 1 }).flow), count(preset({ steps: 2 }).flow)];
  return one + (steps - 1) * (two - one);
};

it.each([
  ["32 x 32", svhn32Transport, [12, 24, 48]],
  ["64 x 64", celeba64Transport, [12, 24, 48, 96]],
] as const)(
  "a step of c channels has 13.5 c w + w² + c² parameters, and a few per channel: %s",
  (_, preset, channels) => {
    const width = 512;
    const sum = (of: (c: number) => number, list: readonly number[] = channels): number =>
      list.reduce((total, c) => total + of(c), 0);
    // Biases, activation normalisation and output scales: 6 w + 4 c per step.
    const perStep = sum((c) => 13.5 * c * width + width ** 2 + c ** 2 + 6 * width + 4 * c);
    // A split after every level except the last, which ends with activation normalisation.
    const ends = sum((c) => 4.5 * c * c + c, channels.slice(0, -1)) + 2 * channels.at(-1)!;
    for (const steps of [16, 32]) expect(flowSize(preset, steps)).toBe(steps * perStep + ends);
  },
);

it("that is 44 million in all for K = 32 on 32 x 32, as published, and 22 million for K = 16", () => {
  expect(Math.round(flowSize(svhn32Transport, 32) / 1e6)).toBe(44);
  expect(Math.round(flowSize(svhn32Transport, 16) / 1e6)).toBe(22);
});

it("the energy has 2.8 million parameters for 32 x 32, and one convolution more for 64 x 64", () => {
  const stage = (channels: number, out: number, kernel = 4): number => kernel ** 2 * channels * out + out;
  const small = stage(3, 64, 3) + stage(64, 128) + stage(128, 256) + stage(256, 512) + 4 * 4 * 512 + 1;
  expect(count(svhn32Transport().energy)).toBe(small);
  expect(count(celeba64Transport().energy)).toBe(small + stage(512, 512));
});
