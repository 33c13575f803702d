/** Convolutions of images and volumes, plain, transposed and depthwise: any window, stride, padding and dilation. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import { check, normal, type Case, type Problem } from "./kernel-cases.js";
import { expectStandardAgreement } from "./standard-operators.js";

type Pad = "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];
type Pair = [number, number];

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const pair = (max: number): fc.Arbitrary<Pair> => fc.tuple(upTo(max), upTo(max));
const sides = fc.tuple(fc.nat(2), fc.nat(2));
const padding: fc.Arbitrary<Pad> = fc.oneof(
  fc.constantFrom<Pad>("same", "valid"),
  fc.nat(2),
  fc.tuple(sides, sides).map(([rows, columns]): Pad => [[0, 0], rows, columns, [0, 0]]),
);
const channels = fc.constantFrom(1, 2, 3, 5, 8, 16, 17, 32, 40);
const isExplicit = (pad: Pad): boolean => typeof pad !== "string";

/** An image at least as large as the window, which may be wider than high and narrower than the stride. */
const windows = fc
  .record({ batch: upTo(3), window: pair(4), extra: fc.tuple(fc.nat(5), fc.nat(5)), stride: pair(4), pad: padding })
  .map(({ batch, window, extra, stride, pad }) => {
    // TensorFlow.js derives both output sizes from the height when the padding is one number.
    const square = ([height, width]: Pair): Pair => [height, typeof pad === "number" ? height : width];
    const [rows, columns] = square(window);
    return {
      image: (depth: number): number[] => [batch, rows + extra[0], columns + extra[1], depth],
      window: [rows, columns] as Pair,
      stride: square(stride),
      pad,
      rounding: isExplicit(pad) ? ("floor" as const) : undefined,
    };
  });

const conv2d: Case = [
  "conv2d",
  fc.tuple(windows, channels, channels).map(([{ image, window, stride, pad, rounding }, input, output]) => ({
    fn: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, stride, pad, "NHWC", 1, rounding),
    inputs: [normal(image(input)), normal([...window, input, output])],
  })),
];

const dilatedWindows = fc.tuple(windows, pair(3)).map(([drawn, [down, across]]) => ({
  ...drawn,
  dilation: [down, typeof drawn.pad === "number" ? down : across] as Pair,
  // Large enough for the dilated window.
  image: (depth: number): number[] => {
    const [batch, height, width] = drawn.image(depth) as [number, number, number];
    return [batch, height * down, width * Math.max(down, across), depth];
  },
}));

/** TensorFlow.js has no gradients of dilated convolutions. */
const dilated: Case[] = [
  [
    "conv2d, dilated",
    fc.tuple(dilatedWindows, upTo(3), upTo(3)).map(([{ image, window, pad, rounding, dilation }, input, output]) => ({
      fn: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, 1, pad, "NHWC", dilation, rounding),
      inputs: [normal(image(input)), normal([...window, input, output])],
      differentiable: false,
    })),
  ],
  [
    "depthwiseConv2d, dilated",
    fc.tuple(dilatedWindows, upTo(3), upTo(3)).map(([{ image, window, pad, rounding, dilation }, input, output]) => ({
      fn: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.depthwiseConv2d(x, filter, 1, pad, "NHWC", dilation, rounding),
      inputs: [normal(image(input)), normal([...window, input, output])],
      differentiable: false,
    })),
  ],
];

const roundedUp: Case = [
  "conv2d, sizes rounded up",
  fc.tuple(windows, sides, sides, upTo(3)).map(([{ image, window, stride }, rows, columns, input]) => ({
    fn: (x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.conv2d(x, filter, stride, [[0, 0], rows, columns, [0, 0]], "NHWC", 1, "ceil"),
    inputs: [normal(image(input)), normal([...window, input, 2])],
    // TensorFlow.js forgets the rounding in the gradient.
    differentiable: false,
  })),
];

const depthwise: Case = [
  "depthwiseConv2d",
  fc.tuple(windows, upTo(6), upTo(3)).map(([{ image, window, stride, pad, rounding }, input, multiplier]) => ({
    // The plain backend takes one stride for both axes.
    fn: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.depthwiseConv2d(x, filter, stride, pad, "NHWC", [1, 1], rounding),
    inputs: [normal(image(input)), normal([...window, input, multiplier])],
  })),
];

const separable: Case = [
  "separableConv2d",
  fc.tuple(windows, upTo(4), upTo(2), upTo(4)).map(([{ image, window, stride }, input, multiplier, output]) => ({
    fn: (x: tf.Tensor4D, depth: tf.Tensor4D, point: tf.Tensor4D) =>
      tf.separableConv2d(x, depth, point, stride[0], "same"),
    inputs: [normal(image(input)), normal([...window, input, multiplier]), normal([1, 1, input * multiplier, output])],
  })),
];

const transposing = (drawn: typeof windows, inputs: fc.Arbitrary<number>, outputs: fc.Arbitrary<number>) =>
  fc
    .tuple(drawn, upTo(2), fc.tuple(fc.nat(3), fc.nat(3)), inputs, outputs)
    .map(([{ image, window, stride, pad, rounding }, batch, rest, input, output]): Problem => {
      // The larger image, and the size that its convolution has: what the transposed convolution starts from.
      const [, height, width] = image(output) as [number, number, number];
      const large: [number, number, number, number] = [batch, height + rest[0], width + rest[1], output];
      const filter: [number, number, number, number] = [...window, output, input];
      const small = tf.backend_util.computeConv2DInfo(large, filter, stride, 1, pad, rounding).outShape;
      return {
        fn: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2dTranspose(x, w, large, stride, pad, rounding),
        inputs: [normal(small), normal(filter)],
      };
    });

const transposed: Case = ["conv2dTranspose", transposing(windows, channels, channels)];

/** As generators end: both axes have one stride, and pixels one to four numbers. */
const toPixels: Case = [
  "conv2dTranspose to pixels",
  transposing(
    fc
      .tuple(windows, fc.integer({ min: 2, max: 4 }))
      .map(([drawn, stride]) => ({ ...drawn, stride: [stride, stride] })),
    fc.constantFrom(1, 5, 16),
    upTo(4),
  ),
];

const conv1d: Case = [
  "conv1d",
  fc
    .tuple(upTo(4), upTo(4), fc.nat(5), upTo(3), upTo(3), fc.constantFrom("same", "valid" as const))
    .map(([window, stride, extra, input, output, pad]) => ({
      fn: (x: tf.Tensor3D, filter: tf.Tensor3D) => tf.conv1d(x, filter, stride, pad as "same"),
      inputs: [normal([2, window + extra, input]), normal([window, input, output])],
    })),
];

const volumes = fc
  .record({
    window: fc.tuple(upTo(3), upTo(3), upTo(3)),
    extra: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
    stride: fc.tuple(upTo(3), upTo(3), upTo(3)),
    pad: fc.constantFrom("same", "valid" as const),
    input: upTo(3),
    output: upTo(3),
  })
  .map(({ window, extra, ...rest }) => ({ window, space: window.map((n, i) => n + extra[i]!), ...rest }));

const volumetric: Case[] = [
  [
    "conv3d",
    volumes.map(({ window, space, stride, pad, input, output }) => ({
      fn: (x: tf.Tensor5D, filter: tf.Tensor5D) => tf.conv3d(x, filter, stride, pad as "same"),
      inputs: [normal([2, ...space, input]), normal([...window, input, output])],
    })),
  ],
  [
    "conv3d, dilated",
    volumes.map(({ window, space, input, output }) => ({
      fn: (x: tf.Tensor5D, filter: tf.Tensor5D) => tf.conv3d(x, filter, 1, "same", "NDHWC", [2, 1, 2]),
      inputs: [normal([2, ...space, input]), normal([...window, input, output])],
      differentiable: false,
    })),
  ],
  [
    "conv3dTranspose",
    volumes.map(({ window, space, stride, pad, input, output }): Problem => {
      const large = [2, ...space, output] as [number, number, number, number, number];
      const filter = [...window, output, input] as [number, number, number, number, number];
      const small = tf.backend_util.computeConv3DInfo(large, filter, stride, 1, pad as "same").outShape;
      return {
        fn: (x: tf.Tensor5D, w: tf.Tensor5D) => tf.conv3dTranspose(x, w, large, stride, pad as "same"),
        inputs: [normal(small), normal(filter)],
        // TensorFlow.js has no gradient of it.
        differentiable: false,
      };
    }),
  ],
];

const activations = fc.constantFrom("linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu");
type Fused = { x: tf.Tensor4D; filter: tf.Tensor4D; strides: Pair; pad: "same"; bias: tf.Tensor; activation: never };
const fused: Case[] = (["conv2d", "depthwiseConv2d"] as const).map((name) => [
  `fused.${name}`,
  fc.tuple(windows, activations).map(([{ image, window, stride }, activation]): Problem => ({
    fn: (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor, preluActivationWeights: tf.Tensor) => {
      const options: Fused = { x, filter, strides: stride, pad: "same", bias, activation: activation as never };
      const alphas = activation === "prelu" ? { preluActivationWeights } : {};
      return tf.fused[name]({ ...options, ...alphas, leakyreluAlpha: 0.1 } as never) as tf.Tensor;
    },
    inputs: [
      normal(image(3)),
      normal([...window, 3, 2]),
      normal([name === "conv2d" ? 2 : 6]),
      normal([name === "conv2d" ? 2 : 6]),
    ],
    differentiable: false,
  })),
]);

describe("convolutions", () => check([conv2d, transposed, toPixels], 25));
describe("convolutions in standard operators", () =>
  check([conv2d, transposed, ...dilated.slice(0, 1), roundedUp], 12, expectStandardAgreement));
describe("other convolutions", () => check([...dilated, roundedUp, depthwise, separable, conv1d], 10));
describe("convolutions of volumes", () => check(volumetric, 10));
describe("fused convolutions", () => check(fused, 8));

describe("geometries that have no right answer", () => {
  const x = (): tf.Tensor4D => tf.ones([1, 9, 9, 2]);
  const refused: readonly (readonly [string, () => tf.Tensor, RegExp])[] = [
    [
      "one padding number for a window that is not square",
      () => tf.conv2d(x(), tf.ones([1, 7, 2, 3]), 1, 3, "NHWC", 1, "floor"),
      /by side/,
    ],
    ["places in padding alone", () => tf.maxPoolWithArgmax(x(), 2, 2, 2 as never)["indexes"]!, /padding alone/],
    [
      "a depthwise convolution with channels first",
      () => tf.depthwiseConv2d(x(), tf.ones([3, 3, 9, 1]), 1, "same", "NCHW"),
      /channels last/,
    ],
  ];
  it.each(refused)("%s", async (_, fn, message) => {
    await useEngine("onnx");
    await expect(compile(fn)()).rejects.toThrow(message);
  });
});
