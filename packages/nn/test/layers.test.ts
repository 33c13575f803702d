/**
 * Convolutions compared with direct sums in float64, sizes, parameter names, and messages for wrong
 * shapes.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, ValidationError } from "@ergodic/tensor";
import {
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  gelu,
  leakyRelu,
  reshape,
  sequential,
  transposedSide,
} from "@ergodic/nn";
import { directConvolution, directTransposed, enginesOnThisMachine, relativeError, valuesOf, wave } from "./support.js";

const key = random.key("layers");

describe.each(enginesOnThisMachine)("layers on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("dense is x W + b", async () => {
    const layer = dense({ in: 3, out: 2 });
    const params = { weight: tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), bias: tf.tensor1d([0.5, -0.5]) };
    const y = await compile(layer.apply)(params, tf.tensor2d([1, -1, 2, 0, 1, 0], [2, 3]));
    expect(y.shape).toEqual([2, 2]);
    expect(valuesOf(y)).toEqual([1 - 3 + 10 + 0.5, 2 - 4 + 12 - 0.5, 3.5, 3.5]);
  });

  // Kernel, stride, padding, side. "same" padding is even, uneven or absent, the stride passes the
  // edge, and padding exceeds what the kernel needs.
  it.each([
    [3, 1, 1, 5],
    [4, 2, 1, 6],
    [4, 2, 1, 7],
    [3, 2, 1, 6],
    [5, 1, 1, 6],
    [3, 1, 3, 4],
    [2, 2, 0, 5],
  ])(
    "conv2d with kernel %i, stride %i, padding %i on side %i is the direct sum",
    async (kernel, stride, padding, side) => {
      const geometry = { batch: 2, side, in: 3, out: 2, kernel, stride, padding };
      const layer = conv2d(geometry);
      const params = layer.init(key);
      const x = random.normal(random.key(1), [2, side, side, 3]);
      const y = await compile(layer.apply)(params, x);
      const expected = directConvolution(valuesOf(x), valuesOf(params.weight), valuesOf(params.bias), geometry);
      expect(y.shape).toEqual([2, expected.side, expected.side, 2]);
      expect(relativeError(valuesOf(y), expected.values)).toBeLessThan(2e-6);
    },
  );

  // The first four rows are all layers of the image decoders. The others use the general
  // implementation.
  it.each([
    [4, 1, 0, 1],
    [4, 2, 1, 4],
    [3, 1, 1, 5],
    [8, 1, 0, 1],
    [4, 2, 0, 3],
    [3, 2, 1, 4],
    [5, 2, 2, 3],
    [5, 2, 1, 3],
    [4, 3, 1, 2],
    [2, 3, 0, 3],
  ])(
    "convTranspose2d with kernel %i, stride %i, padding %i on side %i is the direct sum",
    async (kernel, stride, padding, side) => {
      const geometry = { batch: 2, side, in: 3, out: 2, kernel, stride, padding };
      const layer = convTranspose2d(geometry);
      const params = layer.init(key);
      const x = random.normal(random.key(2), [2, side, side, 3]);
      const y = await compile(layer.apply)(params, x);
      const expected = directTransposed(valuesOf(x), valuesOf(params.weight), valuesOf(params.bias), geometry);
      expect(expected.side).toBe(transposedSide(side, kernel, stride, padding));
      expect(y.shape).toEqual([2, expected.side, expected.side, 2]);
      expect(relativeError(valuesOf(y), expected.values)).toBeLessThan(2e-6);
    },
  );

  it("reproduces PyTorch's ConvTranspose2d", async () => {
    // torch.nn.functional.conv_transpose2d(torch.arange(8.).reshape(1,2,2,2),
    //   torch.arange(32.).reshape(2,1,4,4), torch.tensor([.5]), 2, 1)
    const nchw = tf.reshape(tf.range(0, 8), [1, 2, 2, 2]);
    const iohw = tf.reshape(tf.range(0, 32), [2, 1, 4, 4]);
    const params = { weight: tf.transpose(iohw, [2, 3, 1, 0]), bias: tf.tensor1d([0.5]) };
    const layer = convTranspose2d({ in: 2, out: 1, kernel: 4, stride: 2, padding: 1 });
    const y = await compile(layer.apply)(params, tf.transpose(nchw, [0, 2, 3, 1]));
    expect(valuesOf(y)).toEqual([
      84.5, 192.5, 202.5, 116.5, 204.5, 456.5, 484.5, 272.5, 252.5, 568.5, 596.5, 336.5, 168.5, 368.5, 386.5, 212.5,
    ]);
  });

  it("reproduces PyTorch's ConvTranspose2d without the last row and column for the padding same", async () => {
    // import torch; from torch.nn import functional as F; torch.set_default_dtype(torch.float64)
    // numbers = lambda shape: torch.arange(torch.Size(shape).numel())
    // wave = lambda shift, *shape: torch.sin(numbers(shape) * 1.7 + shift).reshape(shape)
    // n = wave(0., 1, 3, 2, 2).permute(0, 3, 1, 2); w = wave(1., 3, 3, 2, 2).permute(3, 2, 0, 1)
    // print(F.conv_transpose2d(n, w, wave(2., 2), 2)[:, :, :-1, :-1].permute(0, 2, 3, 1).flatten())
    const layer = convTranspose2d({ in: 2, out: 2, kernel: 3, stride: 2, padding: "same" });
    const y = await compile(layer.apply)({ weight: wave(1, 3, 3, 2, 2), bias: wave(2, 2) }, wave(0, 1, 3, 2, 2));
    expect(y.shape).toEqual([1, 6, 4, 2]);
    const expected = [
      1.333115, -0.7104803, 0.8347727, -0.2050913, -0.2548084, 0.6272949, 0.7237046, -0.5827966, 0.02157162, 0.4413584,
      -0.08087496, 0.4135631, 0.7616772, -0.6838878, 1.814741, -1.457363, 1.206387, -0.9253164, 1.376907, -1.038524,
      1.210822, -0.6855849, 0.4793418, -0.03174997, 0.4698787, 0.09077354, 0.1487076, 0.320228, 0.1895042, -0.04913222,
      1.474528, -1.24599, 1.026892, -0.778774, 1.273049, -0.9842461, 1.411275, -0.9229532, 0.6359051, -0.1492768,
      1.032964, -0.4219177, 0.57696, 0.004851877, -0.1946552, 0.4600611, 0.9866736, -0.8475533,
    ];
    expect(relativeError(valuesOf(y), expected)).toBeLessThan(1e-6);
  });

  it("is deterministic: the same key gives the same parameters", () => {
    const network = sequential(dense({ in: 4, out: 3 }), gelu(), dense({ in: 3, out: 1 }));
    const [a, b] = [network.init(key), network.init(key)];
    expect(tree.leaves(a).map(valuesOf)).toEqual(tree.leaves(b).map(valuesOf));
    expect(tree.paths(a)).toEqual(["0.bias", "0.weight", "2.bias", "2.weight"]);
    expect(valuesOf(a[0].weight).slice(0, 3)).not.toEqual(valuesOf(a[2].weight));
  });
});

describe("shapes", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("goes from vectors to images and back", () => {
    const network = sequential(
      dense({ in: 5, out: 18 }),
      reshape([3, 3, 2]),
      leakyRelu(),
      convTranspose2d({ in: 2, out: 4, kernel: 4, stride: 2, padding: 1 }),
      conv2d({ in: 4, out: 1, kernel: 3 }),
      flatten(),
    );
    const params = network.init(key);
    expect(network.apply(params, tf.zeros([1, 5])).shape).toEqual([1, 36]);
    expect(network.apply(params, tf.zeros([7, 5])).shape).toEqual([7, 36]);
  });

  it.each([
    [() => dense({ in: 3, out: 0 }), /out is 0, expected an integer >= 1/],
    [() => conv2d({ in: 1, out: 1, kernel: 3, padding: -1 }), /padding is -1, expected an integer >= 0/],
    [
      () => conv2d({ in: 1, out: 1, kernel: 3, padding: "full" as "same" }),
      /padding is "full", expected one of "same", "valid"/,
    ],
    [() => convTranspose2d({ in: 1, out: 1, kernel: 2.5 }), /kernel is 2.5, expected an integer >= 1/],
    [() => reshape([2, 0]), /shape\[1\] is 0/],
  ])("refuses bad options (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });

  it("names layer, shape and expectation when an input does not fit", () => {
    const at = (x: tf.Tensor, layer: ReturnType<typeof dense>) => () => layer.apply(layer.init(key), x);
    expect(at(tf.zeros([2, 4]), dense({ in: 3, out: 1 }))).toThrow(
      /the input of dense has shape \[2,4\], expected \[any,3\]/,
    );
    expect(at(tf.zeros([4]), dense({ in: 4, out: 1 }))).toThrow(ValidationError);
    expect(at(tf.zeros([2, 4, 4, 1]), conv2d({ in: 3, out: 1, kernel: 3 }))).toThrow(/expected \[any,any,any,3\]/);
    expect(at(tf.zeros([2, 2, 2, 3]), conv2d({ in: 3, out: 1, kernel: 3, padding: "valid" }))).toThrow(
      /sides of at least 3/,
    );
    expect(at(tf.zeros([2, 3]), convTranspose2d({ in: 3, out: 1, kernel: 3 }))).toThrow(/input of convTranspose2d/);
    expect(at(tf.zeros([1, 1, 1, 3]), convTranspose2d({ in: 3, out: 1, kernel: 2, padding: 1 }))).toThrow(
      /output side of 0/,
    );
    expect(() => reshape([3, 3]).apply([], tf.zeros([2, 8]))).toThrow(/expected \[batch,...\] with 9 values/);
    expect(() => flatten().apply([], tf.scalar(1))).toThrow(/scalar/);
  });
});
