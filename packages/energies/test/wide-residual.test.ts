/** The wide residual energy: sizes of published configurations, and the laws of its parts. */
import { compile, grad, useEngine } from "@ergodic/engine";
import type { SpectralParams } from "@ergodic/nn";
import { random, trainedPart, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { wideResidualEnergy, type WideResidualEnergyOptions, type WideResidualParams } from "../src/index.js";

const small = { imageShape: [8, 8, 1], channels: 8, multipliers: [1, 2], blocks: 1 } as const;
const sum = (x: tf.Tensor): number => tf.sum(x).dataSync()[0]!;

/** The largest singular value of a kernel as a matrix, by 500 power iterations. */
function leadingSingular(weight: tf.Tensor): number {
  const matrix = tf.reshape(weight, [-1, weight.shape.at(-1)!]);
  const square = tf.matMul(matrix, matrix, true);
  let vector: tf.Tensor = tf.ones([square.shape[0]!, 1]);
  for (let i = 0; i < 500; i++) {
    const next = tf.matMul(square, vector);
    vector = tf.div(next, tf.norm(next));
  }
  return tf.norm(tf.matMul(matrix, vector)).dataSync()[0]!;
}

/** The second part of a block with kernel and bias 0. */
function zeroed(block: TensorTree): TensorTree {
  const { second } = block as { second: readonly (TensorTree & { weight: tf.Tensor })[] };
  return second.map((part, i) => (i === 1 ? { ...part, weight: tf.zerosLike(part.weight) } : part)) as TensorTree;
}

/** The trained parameters of a model of these sizes, without drawing them. */
const count = ({
  imageShape: [, , colours],
  channels = 128,
  multipliers,
  blocks,
}: WideResidualEnergyOptions): number => {
  const conv = (from: number, out: number) => 9 * from * out + out;
  const dense = (from: number, out: number) => from * out + out;
  let [total, from] = [
    conv(colours, channels) + dense(channels, 4 * channels) + dense(4 * channels, 4 * channels),
    channels,
  ];
  for (const multiplier of multipliers) {
    const out = multiplier * channels;
    for (let i = 0; i < blocks; i++, from = out) {
      total += conv(from, out) + dense(4 * channels, out) + conv(out, out) + out + (from === out ? 0 : conv(from, out));
    }
  }
  return total + dense(4 * channels, from);
};

beforeAll(() => useEngine("onnx"));

describe("sizes", () => {
  // Section 3 of the appendix of arXiv 2012.08125 with the widths of the released code.
  it.each([
    ["CIFAR-10", 32, [1, 2, 2, 2], 8, 34_833_408],
    ["reduced", 32, [1, 2, 2, 2], 2, 9_056_256],
    ["CelebA at 32", 32, [1, 2, 2, 2], 6, 26_241_024],
    ["CelebA", 64, [1, 2, 2, 2, 4], 6, 56_269_568],
    ["LSUN", 64, [1, 2, 2, 2, 4], 2, 19_153_664],
    ["LSUN church", 128, [1, 2, 2, 2, 4, 4], 2, 29_119_232],
    ["LSUN bedroom", 128, [1, 2, 2, 2, 4, 4], 5, 71_904_512],
  ])("%s at %d has the parameters of the released code", (_, side, multipliers, blocks, expected) => {
    expect(count({ imageShape: [side, side, 3], multipliers, blocks })).toBe(expected);
  });

  it.each([
    [{ imageShape: [8, 8, 1], channels: 16, multipliers: [1, 2], blocks: 1 }, 33_824],
    [{ imageShape: [16, 16, 1], channels: 16, multipliers: [1, 2, 2], blocks: 1 }, 54_432],
    [{ imageShape: [32, 32, 3], channels: 32, multipliers: [1, 2, 2, 2], blocks: 2 }, undefined],
  ] as const)("a fresh model has as many: %j", (options, expected) => {
    const params = wideResidualEnergy(options).init(random.key(0));
    const size = tree.sizeOf(trainedPart(params) as TensorTree);
    expect(size).toBe(expected ?? count(options));
    tree.dispose(params);
  });
});

/** The parameters after so many refreshments without learning. */
async function settled(model: ReturnType<typeof wideResidualEnergy>, params: WideResidualParams, rounds: number) {
  const [x, time] = [tf.zeros([1, 8, 8, 1]), tf.zeros([1])];
  const refresh = compile((p: WideResidualParams) => model.refresh!(p, x, time as tf.Tensor1D));
  let current = params;
  for (let i = 0; i < rounds; i++) current = await refresh(current);
  await refresh.dispose();
  return current;
}

describe("energies", () => {
  const model = wideResidualEnergy(small);
  const inputs = () => ({
    params: model.init(random.key("params")),
    x: random.normal(random.key("x"), [4, 8, 8, 1]),
    time: tf.tensor1d([0, 2, 5, 1]),
  });

  it("have the slope of central differences, with a level for each example", async () => {
    const { params, x, time } = inputs();
    const slope = await compile((at: tf.Tensor) => grad((y: tf.Tensor) => tf.sum(model.energy(params, y, time)))(at))(
      x,
    );
    const direction = random.normal(random.key("direction"), x.shape);
    const along = tf.sum(tf.mul(slope, direction), [1, 2, 3]).dataSync();
    // With other keys one example of a hundred fails: a unit changes its side on the way.
    const size = 3e-4;
    const at = (share: number) => model.energy(params, tf.add(x, tf.mul(share * size, direction)), time).dataSync();
    const [ahead, behind] = [at(1), at(-1)];
    along.forEach((value, i) => {
      const central = (ahead[i]! - behind[i]!) / (2 * size);
      expect(Math.abs(central - value)).toBeLessThan(5e-3 * Math.abs(value) + 1e-3);
    });
  });

  it("of an example depend on its own level alone", () => {
    const { params, x, time } = inputs();
    const mixed = model.energy(params, x, time).dataSync();
    time.dataSync().forEach((level, i) => {
      const single = model.energy(params, tf.slice(x, i, 1), tf.tensor1d([level]));
      expect(single.dataSync()[0]).toBeCloseTo(mixed[i]!, 4);
    });
  });

  it("grow with the area of the last map: a sum, no mean", () => {
    // The sum over 16 times as many positions is about 16 times as large, up to borders.
    const { params } = inputs();
    const large = wideResidualEnergy({ ...small, imageShape: [32, 32, 1] });
    const ones = (side: number) => tf.ones([1, side, side, 1]);
    const level = tf.zeros([1]);
    const ratio = sum(large.energy(params, ones(32), level)) / sum(model.energy(params, ones(8), level));
    expect(ratio).toBeGreaterThan(8);
  });

  it.each([
    [[4, 8, 8, 3], [4], /the input of wideResidualEnergy/],
    [[4, 8, 8, 1], [3], /the condition of wideResidualEnergy/],
  ])("refuse inputs of %j and %j", (shape, times, message) => {
    const { params } = inputs();
    expect(() => model.energy(params, tf.zeros(shape), tf.zeros(times as [number]))).toThrow(message);
  });
});

describe("blocks", () => {
  it("start as their skip paths, and keep the second convolution below 1e-3", () => {
    const model = wideResidualEnergy({ ...small, multipliers: [1] });
    const params = model.init(random.key("params"));
    const x = random.normal(random.key("x"), [2, 8, 8, 1]);
    const time = tf.tensor1d([1, 3]);
    // Without its block the network is stem and head.
    const second = tree.paths(params.blocks[0]![0]!).filter((path) => path.startsWith("second.1."));
    expect(second).toEqual(["second.1.$fixed.direction", "second.1.bias", "second.1.weight"]);
    const block = params.blocks[0]![0] as { second: readonly { weight: tf.Tensor }[] };
    expect(leadingSingular(block.second[1]!.weight)).toBeLessThan(1e-3);
    const without = { ...params, blocks: [[{ ...block, second: zeroed(block as TensorTree) }]] };
    const [whole, skips] = [params, without].map((p) => model.energy(p as WideResidualParams, x, time).dataSync());
    whole!.forEach((value, i) => expect(value).toBeCloseTo(skips![i]!, 4));
  });

  it.each([
    [0, 1.0, 1.6],
    [50, 0.98, 1.01],
    [200, 0.999, 1.001],
  ])("have first convolutions of norm 1 after %d updates", async (rounds, low, high) => {
    const model = wideResidualEnergy(small);
    const params = await settled(model, model.init(random.key(rounds)), rounds);
    const { weight, $fixed } = (params.blocks[0]![0] as { first: SpectralParams[] }).first[1]!;
    // The norm that the layer divides by: one step of power iteration from the stored vector.
    const matrix = tf.reshape(weight, [-1, weight.shape[3]!]);
    const left = tf.matMul(matrix, $fixed.direction);
    const unit = tf.div(left, tf.norm(left));
    const estimate = tf.norm(tf.matMul(matrix, unit, true)).dataSync()[0]!;
    const normed = leadingSingular(weight) / estimate;
    expect(normed).toBeGreaterThanOrEqual(low);
    expect(normed).toBeLessThanOrEqual(high);
  });
});

it.each([
  [{ imageShape: [6, 6, 1], multipliers: [1, 2, 2], blocks: 1 }, /sides that are multiples of 4/],
  [{ imageShape: [8, 8, 1], multipliers: [], blocks: 1 }, /multipliers is empty/],
  [{ imageShape: [8, 8, 1], multipliers: [1], blocks: 0 }, /blocks/],
  [{ imageShape: [8, 8, 1], multipliers: [1], blocks: 1, design: "wide" }, /design/],
] as const)("refuses %j", (options, message) => {
  expect(() => wideResidualEnergy(options as unknown as WideResidualEnergyOptions)).toThrow(ValidationError);
  expect(() => wideResidualEnergy(options as unknown as WideResidualEnergyOptions)).toThrow(message);
});
