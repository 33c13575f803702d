/**
 * The U-Net with a number as condition: it starts as the identity, and learns to use both inputs.
 */
import { compile, useEngine } from "@ergodic/engine";
import { trainedGradient } from "@ergodic/nn";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { conditionalUnet, type ConditionalUnetOptions } from "../src/index.js";

beforeAll(() => useEngine("onnx"));

const options = { imageShape: [8, 8, 1], channels: 8, multipliers: [1, 2], blocks: 1, attention: [4] } as const;
const inputs = () => ({ image: random.normal(random.key("x"), [3, 8, 8, 1]), condition: tf.tensor1d([0, 500, 1000]) });

it("returns its input at first", () => {
  const net = conditionalUnet(options);
  const { image, condition } = inputs();
  const out = net.apply(net.init(random.key(0)), { image, condition });
  expect(out.shape).toEqual([3, 8, 8, 1]);
  expect(tf.max(tf.abs(tf.sub(out, image))).dataSync()[0]).toBe(0);
});

it("after a step has slopes in every parameter, and another output for another condition", async () => {
  const net = conditionalUnet(options);
  const loss = (p: TensorTree) => tf.mean(tf.square(net.apply(p, inputs())));
  const learn = compile((p: TensorTree) => {
    const { grad } = trainedGradient(loss)(p);
    return tree.zip((w, g) => tf.sub(w, tf.mul(0.1, g)), p, grad as TensorTree);
  });
  let params = net.init(random.key(0));
  // Scales and shifts start at zero behind a head of zeros: three steps reach all of them.
  for (let i = 0; i < 3; i++) params = await learn(params);
  const slopes = await compile((p: TensorTree) => trainedGradient(loss)(p).grad as TensorTree)(params);
  const names = tree.paths(slopes);
  const flat = tree.leaves(slopes).flatMap((leaf, i) => (tf.max(tf.abs(leaf)).dataSync()[0] === 0 ? [names[i]] : []));
  expect(flat).toEqual([]);
  const { image, condition } = inputs();
  const [low, high] = [condition, tf.tensor1d([700, 500, 1000])].map((c) => net.apply(params, { image, condition: c }));
  const moved = tf.max(tf.abs(tf.sub(low!, high!)), [1, 2, 3]).dataSync();
  expect(moved[0]).toBeGreaterThan(0);
  expect([moved[1], moved[2]]).toEqual([0, 0]);
  await learn.dispose();
});

it.each([
  [{ imageShape: [6, 6, 1], multipliers: [1, 2, 2] }, /sides that are multiples of 4/],
  [{ imageShape: [8, 8, 1], channels: 6 }, /a multiple of 4/],
  [{ imageShape: [8, 8, 1], multipliers: [] }, /at least one/],
] as const)("refuses %j", (wrong, message) => {
  expect(() => conditionalUnet(wrong as unknown as ConditionalUnetOptions)).toThrow(ValidationError);
  expect(() => conditionalUnet(wrong as unknown as ConditionalUnetOptions)).toThrow(message);
});
