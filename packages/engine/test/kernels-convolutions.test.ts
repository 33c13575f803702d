/**
 * Convolutions of images and volumes, plain, transposed and depthwise, with any window, stride,
 * padding and dilation.
 */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, grad, useEngine } from "../src/index.js";
import { check, normal, ways, type Case, type Problem } from "./kernel-cases.js";
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

/**
 * An image at least as large as the window. The window may be wider than high and narrower than the
 * stride.
 */
const windows = fc
  .record({ batch: upTo(3), window: pair(4), extra: fc.tuple(fc.nat(5), fc.nat(5)), stride: pair(4), pad: padding })
  .map(({ batch, window, extra, stride, pad }) => {
    // With numeric padding, TensorFlow.js derives both output sizes from the height.
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

const dilated: Case[] = [
  [
    "conv2d, dilated",
    fc.tuple(dilatedWindows, upTo(3), upTo(3)).map(([{ image, window, pad, rounding, dilation }, input, output]) => ({
      fn: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, 1, pad, "NHWC", dilation, rounding),
      inputs: [normal(image(input)), normal([...window, input, output])],
    })),
  ],
  [
    "depthwiseConv2d, dilated",
    fc.tuple(dilatedWindows, upTo(3), upTo(3)).map(([{ image, window, pad, rounding, dilation }, input, output]) => ({
      fn: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.depthwiseConv2d(x, filter, 1, pad, "NHWC", dilation, rounding),
      inputs: [normal(image(input)), normal([...window, input, output])],
    })),
  ],
];

const roundedUp: Case = [
  "conv2d, sizes rounded up",
  fc.tuple(windows, sides, sides, upTo(3)).map(([{ image, window, stride }, rows, columns, input]) => ({
    fn: (x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.conv2d(x, filter, stride, [[0, 0], rows, columns, [0, 0]], "NHWC", 1, "ceil"),
    inputs: [normal(image(input)), normal([...window, input, 2])],
  })),
];

const depthwise: Case = [
  "depthwiseConv2d",
  fc.tuple(windows, upTo(6), upTo(3)).map(([{ image, window, stride, pad, rounding }, input, multiplier]) => ({
    // The plain backend uses one stride for both axes.
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
      // The larger image, and the size of its convolution, which is the input of the transposed
      // convolution.
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

/** The last layer of generators: one stride for both axes, and one to four channels. */
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

const dilatedSeries: Case = [
  "conv1d, dilated",
  fc
    .tuple(upTo(3), upTo(4), fc.nat(6), upTo(3), upTo(3), fc.constantFrom("same", "valid" as const))
    .map(([window, dilation, extra, input, output, pad]) => ({
      fn: (x: tf.Tensor3D, filter: tf.Tensor3D) => tf.conv1d(x, filter, 1, pad as "same", "NWC", dilation),
      inputs: [normal([2, (window - 1) * dilation + 1 + extra, input]), normal([window, input, output])],
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
        // TensorFlow.js lacks the gradient.
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
describe("other convolutions", () => check([...dilated, dilatedSeries, roundedUp, depthwise, separable, conv1d], 10));
describe("convolutions of volumes", () => check(volumetric, 10));
describe("fused convolutions", () => check(fused, 8));

/**
 * Golden values from PyTorch 2.13.0, whose channels come first.
 *
 * Entries count -2, -1, ..., 2, -2, ... in x, -1, 0, 1, -1, ... in w, and -1, 0, 1, 2, -1, ... in
 * the weights of y:
 *
 *     python -c "import torch; count = lambda n, k, *s: (torch.arange(n) % k * 1.0).reshape(s)
 *     x = (count(30, 5, 1, 1, 5, 6) - 2).requires_grad_()
 *     w = (count(6, 3, 1, 1, 2, 3) - 1).requires_grad_()
 *     y = torch.nn.functional.conv2d(x, w, dilation=(2, 1), padding='valid')
 *     (y * (count(y.numel(), 4, *y.shape) - 1)).sum().backward(); print(x.grad, w.grad)"
 */
describe.each(ways)("gradients of dilated convolutions on $name", ({ engine, options }) => {
  const count = (shape: number[], period: number, first: number): tf.Tensor =>
    tf.tensor(
      Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (i % period) + first),
      shape,
    );

  it.each([
    [
      "valid",
      [5, 6],
      [2, 3],
      [2, 1],
      [1, 0, -2, -2, 1, 2, 1, 0, -2, -2, 1, 2, 2, 0, -4, -4, 2, 4, 1, 0, -2, -2, 1, 2, 1, 0, -2, -2, 1, 2],
      [8, -1, -10, -10, -4, 7],
    ],
    [
      "same",
      [5, 4],
      [3, 2],
      [2, 3],
      [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 1, 2, 0],
      [-7, 3, 0, 0, 5, -1],
    ],
  ] as const)(
    "%s padding, image %j, window %j, dilation %j",
    async (pad, image, window, dilation, ofInput, ofFilter) => {
      await useEngine(engine);
      for (const convolve of [tf.conv2d, tf.depthwiseConv2d]) {
        const slopes = compile(
          (p: tf.Tensor[]) =>
            grad(([x, w]: tf.Tensor[]) => {
              const y = convolve(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad, "NHWC", [...dilation]);
              return tf.sum(tf.mul(y, count(y.shape, 4, -1)));
            })(p),
          options,
        );
        const [dx, dw] = await slopes([count([1, ...image, 1], 5, -2), count([...window, 1, 1], 3, -1)]);
        expect([...dx!.dataSync()].map(Math.round)).toEqual([...ofInput]);
        expect([...dw!.dataSync()].map(Math.round)).toEqual([...ofFilter]);
      }
    },
  );

  it("channels first, as channels last", async () => {
    await useEngine(engine);
    const swap = (x: tf.Tensor): tf.Tensor4D => tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D;
    const back = (x: tf.Tensor): tf.Tensor4D => tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
    const gradientsOf = (convolve: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor) =>
      compile(
        (p: tf.Tensor[]) =>
          grad(([x, w]: tf.Tensor[]) => tf.sum(tf.square(convolve(x as tf.Tensor4D, w as tf.Tensor4D))))(p),
        options,
      );
    const of = [count([2, 7, 6, 3], 11, -5), count([2, 3, 3, 2], 7, -3)];
    const last = await gradientsOf((x, w) => tf.conv2d(x, w, 1, "same", "NHWC", [3, 2]))(of);
    const first = await gradientsOf((x, w) => back(tf.conv2d(swap(x), w, 1, "same", "NCHW", [3, 2])))(of);
    last.forEach((expected, i) => expect([...first[i]!.dataSync()]).toEqual([...expected.dataSync()]));
  });
});

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
