/**
 * Gradients that TensorFlow.js lacks or computes wrongly, tested with Euler's theorem.
 *
 * If f(c x) = c^d f(x), then ⟨x, ∇f(x)⟩ = d f(x). For a linear function d = 1. With random weights
 * on the results this states that the gradient is the adjoint.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { useEngine, valueAndGrad } from "../src/index.js";
import { integers, shapeOf, size } from "./kernel-cases.js";

interface Homogeneous {
  readonly fn: (x: tf.Tensor) => tf.Tensor;
  readonly shape: readonly number[];
  readonly degree?: number;
}

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const extents = fc.tuple(upTo(6), upTo(6));
const noise = (shape: readonly number[], index: number): tf.Tensor =>
  random.normal(random.fold(random.key(3), index), [...shape]);

const resizing = (name: "resizeBilinear" | "resizeNearestNeighbor"): fc.Arbitrary<Homogeneous> =>
  fc
    .tuple(extents, extents, size, fc.constantFrom<[boolean, boolean]>([false, false], [true, false], [false, true]))
    .map(([from, to, channels, [corners, centres]]) => ({
      fn: (x) => tf.image[name](x as tf.Tensor4D, to, corners, centres),
      shape: [2, ...from, channels],
    }));

const pooling = fc.tuple(extents, upTo(3), upTo(2), upTo(3), fc.constantFrom("same", "valid", 1 as const));
const dimensions = fc.record(
  Object.fromEntries([..."ijkl"].map((index) => [index, size])) as Record<string, fc.Arbitrary<number>>,
);
/** Equations that TensorFlow.js itself computes correctly. */
const equations = fc.constantFrom(
  "ij,jk->ik",
  "jk,ij->ik",
  "ijk->j",
  "ij,ij->i",
  "ij,ij->",
  "ijl,jkl->lik",
  "ij,kj->i",
);

/**
 * A dilated convolution, which is linear in the image and in the filter. `which` selects one of the
 * two as the variable.
 */
const dilated = (name: "conv2d" | "depthwiseConv2d"): fc.Arbitrary<Homogeneous> =>
  fc
    .tuple(extents, fc.tuple(upTo(3), upTo(3)), fc.tuple(upTo(3), upTo(3)), fc.constantFrom("same", "valid"), fc.nat(1))
    .map(([[h, w], [rows, columns], [down, across], pad, which]) => {
      const shapes = [
        [2, h + (rows - 1) * down, w + (columns - 1) * across, 2],
        [rows, columns, 2, 3],
      ];
      return {
        fn: (x) => {
          const [image, filter] = shapes.map((shape, i) => (i === which ? x : noise(shape, i))) as [
            tf.Tensor4D,
            tf.Tensor4D,
          ];
          return tf[name](image, filter, 1, pad as "same", "NHWC", [down, across]);
        },
        shape: shapes[which]!,
      };
    });

const functions: Readonly<Record<string, fc.Arbitrary<Homogeneous>>> = {
  resizeBilinear: resizing("resizeBilinear"),
  resizeNearestNeighbor: resizing("resizeNearestNeighbor"),
  avgPool: pooling.map(([[h, w], window, stride, channels, pad]) => ({
    fn: (x) => tf.avgPool(x as tf.Tensor4D, window + 1, stride, pad as "same", pad === 1 ? "floor" : undefined),
    shape: [2, h + 3, w + 3, channels],
  })),
  avgPool3d: pooling.map(([[h, w], window, stride, channels, pad]) => ({
    fn: (x) =>
      tf.avgPool3d(x as tf.Tensor5D, [stride, window + 1, 3], stride, pad as "same", pad === 1 ? "floor" : undefined),
    shape: [2, 4, h + 3, w + 2, channels],
  })),
  einsum: fc.tuple(equations, dimensions, fc.nat(1)).map(([equation, dims, which]) => {
    const terms = equation.split("->")[0]!.split(",");
    const shapes = terms.map((term) => [...term].map((index) => dims[index]!));
    const place = which % terms.length;
    return {
      fn: (x) => tf.einsum(equation, ...shapes.map((shape, i) => (i === place ? x : noise(shape, i)))),
      shape: shapes[place]!,
    };
  }),
  gather: fc.tuple(shapeOf(3, 4), size, fc.nat(2), fc.nat(2)).map(([shape, picked, axis, batch]) => {
    const batchDims = Math.min(batch, axis);
    const ids = integers([...shape.slice(0, batchDims), picked], 0, shape[axis]!)(random.key(5));
    return { fn: (x) => tf.gather(x, ids, axis, batchDims), shape };
  }),
  "conv2d, dilated": dilated("conv2d"),
  "depthwiseConv2d, dilated": dilated("depthwiseConv2d"),
  prod: shapeOf(1, 4).chain((shape) =>
    fc.tuple(fc.subarray(shape.map((_, i) => i)), fc.boolean()).map(([axes, keepDims]) => ({
      fn: (x) => tf.prod(x, axes, keepDims),
      shape,
      degree: axes.reduce((n, axis) => n * shape[axis]!, 1),
    })),
  ),
};

beforeAll(async () => {
  await useEngine("cpu");
});

it.each(Object.entries(functions))("%s", (_, drawn) => {
  const property = fc.property(drawn, ({ fn, shape, degree = 1 }) => {
    tf.tidy(() => {
      const x = noise(shape, 8);
      const weighted = (y: tf.Tensor): tf.Tensor => {
        const result = fn(y);
        return tf.sum(tf.mul(result, noise(result.shape, 9)));
      };
      const { value, grad } = valueAndGrad(weighted)(x);
      const [along, scale] = [tf.sum(tf.mul(x, grad)), tf.sum(tf.abs(tf.mul(x, grad)))].map((y) => y.dataSync()[0]!);
      expect(Math.abs(along! - degree * value.dataSync()[0]!)).toBeLessThan(1e-4 * (1 + scale!));
    });
  });
  fc.assert(property, { seed: 20, numRuns: 30 });
});
