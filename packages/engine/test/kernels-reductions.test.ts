/** Sums, extremes, softmax, cumulative sums and products, and top k over any axes, kept or not. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe } from "vitest";
import { booleans, check, exactly, integers, normal, shapeAndAxis, shapeOf, type Case } from "./kernel-cases.js";

/** A shape, some of its axes (undefined for all), and whether reduced axes are kept with size 1. */
const reduction = shapeOf(1, 4).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.option(fc.subarray(shape.map((_, i) => i)), { nil: undefined }),
    keepDims: fc.boolean(),
  }),
);

const reductions: Case[] = [
  ...(["sum", "mean", "max", "min", "prod"] as const).map((name): Case => [
    name,
    reduction.map(({ shape, axes, keepDims }) => ({
      fn: (x: tf.Tensor) => tf[name](x, axes, keepDims),
      inputs: [normal(shape)],
      differentiable: axes === undefined || axes.length > 0,
    })),
  ]),
  ...(["sum", "mean", "max", "min", "prod"] as const).map((name): Case => [
    `${name} of integers`,
    reduction.map(({ shape, axes, keepDims }) => ({
      fn: (x: tf.Tensor) => tf[name](x, axes, keepDims),
      inputs: [integers(shape, -2, 3)],
      differentiable: false,
    })),
  ]),
  ...(["sum", "mean", "max", "min", "prod", "all", "any"] as const).map((name): Case => [
    `${name} of booleans`,
    reduction.map(({ shape, axes, keepDims }) => ({
      fn: (x: tf.Tensor) => tf[name](x, axes, keepDims),
      inputs: [booleans(shape)],
      differentiable: false,
    })),
  ]),
  [
    "logSumExp",
    reduction.map(({ shape, axes, keepDims }) => ({
      fn: (x: tf.Tensor) => tf.logSumExp(x, axes, keepDims),
      inputs: [normal(shape)],
      differentiable: axes === undefined || axes.length > 0,
    })),
  ],
  [
    "moments",
    reduction.map(({ shape, axes, keepDims }) => ({
      fn: (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x, axes, keepDims);
        return [mean, variance];
      },
      inputs: [normal(shape)],
      differentiable: axes === undefined || axes.length > 0,
    })),
  ],
  [
    "norm",
    shapeAndAxis(1, 3).map(({ shape, axis }) => ({
      fn: (x: tf.Tensor) => tf.norm(x, "euclidean", axis),
      inputs: [normal(shape)],
    })),
  ],
];

const alongAxis: Case[] = [
  ...(["argMax", "argMin"] as const).flatMap((name): Case[] => [
    [
      name,
      shapeAndAxis().map(({ shape, axis }) => ({
        fn: (x: tf.Tensor) => tf[name](x, axis),
        inputs: [normal(shape)],
        differentiable: false,
      })),
    ],
    [
      `${name} of integers with ties`,
      shapeAndAxis().map(({ shape, axis }) => ({
        fn: (x: tf.Tensor) => tf[name](x, axis),
        inputs: [integers(shape, 0, 2)],
        differentiable: false,
      })),
    ],
  ]),
  ["softmax", shapeOf(1, 3).map((shape) => ({ fn: (x: tf.Tensor) => tf.softmax(x), inputs: [normal(shape)] }))],
  ["logSoftmax", shapeOf(1, 3).map((shape) => ({ fn: (x: tf.Tensor) => tf.logSoftmax(x), inputs: [normal(shape)] }))],
  [
    "softmax of large logits",
    fc.constant({ fn: (x: tf.Tensor) => tf.softmax(x), inputs: [exactly([1e4, 0, -1e4, 3, 3, 3], [2, 3])] }),
  ],
  ...(["cumsum", "cumprod"] as const).flatMap((name): Case[] =>
    (["reals", "integers"] as const).map((kind): Case => [
      `${name} of ${kind}`,
      fc.tuple(shapeAndAxis(), fc.boolean(), fc.boolean()).map(([{ shape, axis: counted }, exclusive, reverse]) => {
        // Here the plain backend does not support axes counted from the end.
        const axis = (counted + shape.length) % shape.length;
        return {
          fn: (x: tf.Tensor) => tf[name](x, axis, exclusive, reverse),
          inputs: [kind === "reals" ? normal(shape) : integers(shape, -3, 4)],
          // TensorFlow.js lacks the gradient of cumulative products.
          differentiable: name === "cumsum" && kind === "reals",
        };
      }),
    ]),
  ),
  ...(["reals", "integers with ties"] as const).map((kind): Case => [
    `topk of ${kind}`,
    shapeOf(1, 3).chain((shape) =>
      fc.integer({ min: 1, max: shape.at(-1)! }).map((k) => ({
        fn: (x: tf.Tensor) => {
          const { values, indices } = tf.topk(x, k);
          return [values, indices];
        },
        inputs: [kind === "reals" ? normal(shape) : integers(shape, 0, 3)],
        differentiable: false,
      })),
    ),
  ]),
];

describe("reductions", () => check(reductions));
describe("along an axis", () => check(alongAxis));
