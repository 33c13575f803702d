/** Any network as a generator: values in learning and in evaluation, fixed members and shapes. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { mlpDecoder, networkGenerator } from "@ergodic/generators";
import { batchNorm, dense, dropoutLayer, reshape, sequential } from "@ergodic/nn";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";

const network = sequential(
  dense({ in: 2, out: 6 }),
  batchNorm({ channels: 6 }),
  dropoutLayer({ rate: 0.5 }),
  reshape([3, 2]),
);
const generator = networkGenerator({ latentDimension: 2, outputShape: [3, 2], network });
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap((leaf) => [...leaf.dataSync()]);

describe("a network as a generator", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("has the network's values, in evaluation and while learning", () => {
    const params = generator.init(random.key(0));
    const z = random.normal(random.key(1), [5, 2], { mean: 3 });
    const learning = { key: random.key(2) };
    const evaluated = generator.apply(params, z);
    expect(evaluated.shape).toEqual([5, 3, 2]);
    expect(numbers(evaluated)).toEqual(numbers(network.apply(params, z)));
    expect(numbers(generator.apply(params, z, learning))).toEqual(numbers(network.apply(params, z, learning)));
    expect(numbers(generator.apply(params, z, learning))).not.toEqual(numbers(evaluated));
  });

  it("moves its fixed members as the network does, and has no refresh where nothing moves", () => {
    const params = generator.init(random.key(0));
    const z = random.normal(random.key(1), [5, 2], { mean: 3 });
    expect(numbers(generator.refresh!(params, z))).toEqual(numbers(network.refresh!(params, z)));
    expect(numbers(generator.refresh!(params, z))).not.toEqual(numbers(params));
    expect(mlpDecoder({ latentDimension: 2, widths: [3], outputShape: [2] }).refresh).toBeUndefined();
  });

  it.each([
    [() => networkGenerator({ latentDimension: 0, outputShape: [3, 2], network }), /latentDimension is 0/],
    [() => networkGenerator({ latentDimension: 2, outputShape: [3, -2], network }), /outputShape\[1\] is -2/],
    [
      () => generator.apply(generator.init(random.key(0)), tf.zeros([5, 3])),
      /the input of a generator has shape \[5,3\], expected \[any,2\]/,
    ],
    [
      () => generator.refresh!(generator.init(random.key(0)), tf.zeros([2])),
      /the input of a generator has shape \[2\]/,
    ],
    [
      () =>
        networkGenerator({ latentDimension: 2, outputShape: [6], network }).apply(
          network.init(random.key(0)),
          tf.zeros([4, 2]),
        ),
      /the output of a generator's network has shape \[4,3,2\], expected \[4,6\]/,
    ],
  ])("refuses what does not fit (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
