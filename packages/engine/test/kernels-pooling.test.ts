/**
 * Average and maximum over windows of images and volumes, with any window, stride and padding, and
 * with ties.
 */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe } from "vitest";
import { check, integers, normal, type Case, type Draw, type Problem } from "./kernel-cases.js";

type Pad = "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const pair = fc.tuple(upTo(4), upTo(4));
const triple = fc.tuple(upTo(3), upTo(3), upTo(3));

/** Paddings are smaller than the window, as ONNX requires. */
const paddingOf = (window: readonly number[]): fc.Arbitrary<Pad> =>
  fc.oneof(
    fc.constantFrom<Pad>("same", "valid"),
    fc.nat(Math.min(...window) - 1).map((n): Pad =>
      window.length === 2
        ? [
            [0, 0],
            [n, n],
            [0, n],
            [0, 0],
          ]
        : n,
    ),
  );

const images = pair.chain((window) =>
  fc.record({
    window: fc.constant(window),
    stride: pair,
    pad: paddingOf(window),
    shape: fc
      .tuple(upTo(2), fc.nat(5), fc.nat(5), upTo(3))
      .map(([batch, h, w, c]) => [batch, window[0] + h, window[1] + w, c]),
  }),
);
/** Height equals width, because the max pooling gradient of TensorFlow.js swaps them. */
const cuboid = fc.tuple(upTo(3), upTo(3)).map(([depth, side]): [number, number, number] => [depth, side, side]);
const volumes = cuboid.chain((window) =>
  fc.record({
    window: fc.constant(window),
    stride: triple,
    pad: paddingOf(window),
    shape: triple.map((extra) => [2, ...window.map((n, i) => n + extra[i]! - 1), 2]),
  }),
);
const rounding = (pad: Pad): "floor" | undefined => (typeof pad === "string" ? undefined : "floor");
/** Rounded numbers tie often. The gradient goes to the first of equal entries. */
const rounded =
  (shape: readonly number[]): Draw =>
  (key) =>
    tf.tidy(() => tf.round(normal(shape)(key)));

const cases: Case[] = [
  ...(["avgPool", "maxPool"] as const).map((name): Case => [
    name,
    images.map(({ window, stride, pad, shape }): Problem => ({
      fn: (x: tf.Tensor4D) => tf[name](x, window, stride, pad as number, rounding(pad)),
      inputs: [normal(shape)],
    })),
  ]),
  ...(["avgPool3d", "maxPool3d"] as const).map((name): Case => [
    name,
    volumes.map(({ window, stride, pad, shape }): Problem => ({
      fn: (x: tf.Tensor5D) => tf[name](x, window, stride, pad as number, rounding(pad)),
      inputs: [normal(shape)],
    })),
  ]),
  [
    "AvgPoolGrad",
    images.map(({ window: filterSize, stride: strides, pad, shape }): Problem => ({
      fn: (input: tf.Tensor4D) => {
        const dy = tf.avgPool(tf.sin(input), filterSize, strides, pad, rounding(pad));
        return tf.engine().runKernel("AvgPoolGrad", { dy, input }, { filterSize, strides, pad } as never) as tf.Tensor;
      },
      inputs: [normal(shape)],
      differentiable: false,
    })),
  ],
  [
    "AvgPool3DGrad",
    volumes.map(({ window: filterSize, stride: strides, pad, shape }): Problem => ({
      fn: (input: tf.Tensor5D) => {
        const dy = tf.avgPool3d(tf.sin(input), filterSize, strides, pad as number, rounding(pad));
        return tf
          .engine()
          .runKernel("AvgPool3DGrad", { dy, input }, { filterSize, strides, pad } as never) as tf.Tensor;
      },
      inputs: [normal(shape)],
      differentiable: false,
    })),
  ],
  [
    "maxPool with ties",
    images.map(({ window, stride, pad, shape }): Problem => ({
      fn: (x: tf.Tensor4D) => tf.maxPool(x, window, stride, pad, rounding(pad)),
      inputs: [rounded(shape)],
    })),
  ],
  [
    "maxPool of integers",
    images.map(({ window, stride, pad, shape }): Problem => ({
      fn: (x: tf.Tensor4D) => tf.maxPool(x, window, stride, pad, rounding(pad)),
      inputs: [integers(shape, -99, 99)],
      differentiable: false,
    })),
  ],
  ...(["avgPool", "maxPool"] as const).map((name): Case => [
    `${name}, sizes rounded up`,
    images.map(({ window, shape }): Problem => ({
      // No window may start beyond the image.
      fn: (x: tf.Tensor4D) =>
        tf[name](
          x,
          window,
          Math.min(...window),
          [
            [0, 0],
            [0, 0],
            [0, 0],
            [0, 0],
          ],
          "ceil",
        ),
      inputs: [normal(shape)],
      // TensorFlow.js ignores the rounding mode in the gradient.
      differentiable: false,
    })),
  ]),
  [
    "maxPoolWithArgmax",
    fc.tuple(images, fc.boolean()).map(([{ window, stride, pad, shape }, withBatch]): Problem => ({
      fn: (x: tf.Tensor4D) => {
        const { result, indexes } = tf.maxPoolWithArgmax(x, window, stride, pad as number, withBatch);
        return [result!, indexes!];
      },
      inputs: [normal(shape)],
      differentiable: false,
    })),
  ],
  ...(["avg", "max"] as const).map((kind): Case => [
    `pool, ${kind}, dilated`,
    images.map(({ window, shape }): Problem => ({
      fn: (x: tf.Tensor4D) => tf.pool(x, window, kind, "same", [2, 2], 1),
      inputs: [normal(shape)],
    })),
  ]),
];

describe("pooling", () => check(cases, 10));
