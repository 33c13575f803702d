/**
 * Kernels that move numbers: reshape, slice, concatenate, pad, blocks. Also tensors made from
 * attributes alone.
 */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe } from "vitest";
import {
  booleans,
  check,
  integers,
  normal,
  onShapes,
  shapeAndAxis,
  shapeOf,
  size,
  type Case,
  type Draw,
  type Problem,
} from "./kernel-cases.js";

const shapes = shapeOf(1, 4);
const domains: readonly ((shape: readonly number[]) => Draw)[] = [normal, (shape) => integers(shape, -9, 9), booleans];
/** Layout kernels take every type. Reals are differentiated too. */
const ofAnyType = (drawn: fc.Arbitrary<{ fn: Problem["fn"]; shapes: number[][] }>): fc.Arbitrary<Problem> =>
  fc.tuple(drawn, fc.constantFrom(0, 0, 1, 2)).map(([problem, type]) => ({
    fn: problem.fn,
    inputs: problem.shapes.map((shape) => domains[type]!(shape)),
    differentiable: type === 0,
  }));

const moved: Case[] = [
  ["reshape", ofAnyType(shapes.map((shape) => ({ fn: (x: tf.Tensor) => tf.reshape(x, [-1]), shapes: [shape] })))],
  [
    "expandDims",
    ofAnyType(
      shapeAndAxis().map(({ shape, axis }) => ({ fn: (x: tf.Tensor) => tf.expandDims(x, axis), shapes: [shape] })),
    ),
  ],
  ["squeeze", ofAnyType(shapes.map((shape) => ({ fn: (x: tf.Tensor) => tf.squeeze(x), shapes: [[1, ...shape, 1]] })))],
  [
    "transpose",
    ofAnyType(
      shapes.chain((shape) =>
        fc
          .shuffledSubarray(
            shape.map((_, i) => i),
            { minLength: shape.length },
          )
          .map((perm) => ({ fn: (x: tf.Tensor) => tf.transpose(x, perm), shapes: [shape] })),
      ),
    ),
  ],
  [
    "reverse",
    ofAnyType(
      shapes.chain((shape) =>
        fc
          .subarray(shape.map((_, i) => i))
          .map((axes) => ({ fn: (x: tf.Tensor) => tf.reverse(x, axes), shapes: [shape] })),
      ),
    ),
  ],
  [
    "tile",
    ofAnyType(
      shapes.chain((shape) =>
        fc
          .array(fc.integer({ min: 1, max: 3 }), { minLength: shape.length, maxLength: shape.length })
          .map((reps) => ({ fn: (x: tf.Tensor) => tf.tile(x, reps), shapes: [shape] })),
      ),
    ),
  ],
  [
    "broadcastTo",
    ofAnyType(
      shapeOf(1, 3).map((shape) => ({
        fn: (x: tf.Tensor) => tf.broadcastTo(x, [2, ...shape.slice(0, -1), 3]),
        shapes: [[...shape.slice(0, -1), 1]],
      })),
    ),
  ],
  [
    "diag",
    fc.tuple(shapeOf(1, 2), fc.boolean()).map(([shape, whole]) => ({
      fn: (x: tf.Tensor) => tf.diag(x),
      inputs: [whole ? integers(shape, -9, 9) : normal(shape)],
      // TensorFlow.js lacks the gradient.
      differentiable: false,
    })),
  ],
  [
    "bandPart",
    fc.tuple(size, size, fc.integer({ min: -1, max: 2 }), fc.integer({ min: -1, max: 2 })).map(([m, n, low, high]) => ({
      fn: (x: tf.Tensor) => tf.linalg.bandPart(x, Math.min(low, m), Math.min(high, n)),
      inputs: [normal([2, m, n])],
    })),
  ],
];

const joined: Case[] = [
  [
    "concat",
    ofAnyType(
      fc.tuple(shapeAndAxis(1, 4), fc.array(size, { minLength: 1, maxLength: 3 })).map(([{ shape, axis }, along]) => ({
        fn: (...xs: tf.Tensor[]) => tf.concat(xs, axis),
        shapes: along.map((n) => shape.map((d, i) => (i === (axis + shape.length) % shape.length ? n : d))),
      })),
    ),
  ],
  [
    "stack",
    ofAnyType(
      fc.tuple(shapeAndAxis(), fc.integer({ min: 1, max: 3 })).map(([{ shape, axis }, n]) => ({
        fn: (...xs: tf.Tensor[]) => tf.stack(xs, axis < 0 ? axis + shape.length : axis),
        shapes: Array.from({ length: n }, () => shape),
      })),
    ),
  ],
  [
    "unstack",
    ofAnyType(
      shapeAndAxis(2).map(({ shape, axis }) => ({
        fn: (x: tf.Tensor) => tf.unstack(x, axis),
        shapes: [shape],
      })),
    ),
  ],
  [
    "split",
    ofAnyType(
      fc.tuple(shapeAndAxis(), fc.integer({ min: 1, max: 3 })).map(([{ shape, axis }, parts]) => ({
        fn: (x: tf.Tensor) => tf.split(x, parts, axis),
        shapes: [shape.map((n, i) => (i === (axis + shape.length) % shape.length ? n * parts : n))],
      })),
    ),
  ],
  [
    "split into sizes",
    ofAnyType(
      fc.tuple(shapeOf(1, 3), fc.array(size, { minLength: 1, maxLength: 3 })).map(([shape, sizes]) => ({
        fn: (x: tf.Tensor) => tf.split(x, sizes, 0),
        shapes: [[sizes.reduce((a, b) => a + b), ...shape.slice(1)]],
      })),
    ),
  ],
];

const part = shapes.chain((shape) =>
  fc
    .tuple(
      ...shape.map((n) =>
        fc.integer({ min: 0, max: n - 1 }).chain((b) => fc.tuple(fc.constant(b), fc.integer({ min: 1, max: n - b }))),
      ),
    )
    .map((ranges) => ({ shape, begin: ranges.map(([b]) => b), size: ranges.map(([, s]) => s) })),
);
/** Begins, ends and strides of either sign, inside the shape or outside, and masks. */
const strided = shapeOf(1, 3).chain((shape) => {
  const each = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(one, { minLength: shape.length, maxLength: shape.length });
  const mask = fc.integer({ min: 0, max: 2 ** shape.length - 1 });
  return fc.record({
    shape: fc.constant(shape),
    begin: each(fc.integer({ min: -6, max: 6 })),
    end: each(fc.integer({ min: -6, max: 6 })),
    strides: each(fc.constantFrom(1, 2, 3, -1, -2)),
    beginMask: mask,
    endMask: mask,
  });
});

const cut: Case[] = [
  [
    "slice",
    ofAnyType(
      part.map(({ shape, begin, size: extent }) => ({
        fn: (x: tf.Tensor) => tf.slice(x, begin, extent),
        shapes: [shape],
      })),
    ),
  ],
  [
    "slice to the end",
    ofAnyType(part.map(({ shape, begin }) => ({ fn: (x: tf.Tensor) => tf.slice(x, begin[0]!), shapes: [shape] }))),
  ],
  [
    "stridedSlice",
    strided
      .filter(({ shape, begin, end, strides, beginMask, endMask }) =>
        // Excludes empty results. ONNX Runtime accepts them, but there is nothing to compare.
        tf.slice_util.sliceInfo(shape, begin, end, strides, beginMask, endMask, 0, 0, 0).finalShape.every((n) => n > 0),
      )
      .map(({ shape, begin, end, strides, beginMask, endMask }) => ({
        fn: (x: tf.Tensor) => tf.stridedSlice(x, begin, end, strides, beginMask, endMask),
        inputs: [normal(shape)],
        // TensorFlow.js lacks the gradient.
        differentiable: false,
      })),
  ],
  [
    "stridedSlice with an ellipsis, a new axis and a dropped axis",
    fc.tuple(size, size, size).map(([a, b, c]) => ({
      fn: (x: tf.Tensor) => [
        tf.stridedSlice(x, [0, 0], [1, 1], [1, 1], 0, 0, 1),
        tf.stridedSlice(x, [0, 0, 0], [a, 1, b], [1, 1, 1], 0, 0, 0, 2),
        tf.stridedSlice(x, [a - 1, 0], [a, b], [1, 1], 0, 0, 0, 0, 1),
      ],
      inputs: [normal([a, b, c])],
      differentiable: false,
    })),
  ],
];

const margins = (largest: (n: number) => number): fc.Arbitrary<{ shape: number[]; paddings: [number, number][] }> =>
  shapes.chain((shape) =>
    fc
      .tuple(...shape.map((n) => fc.tuple(fc.nat(largest(n)), fc.nat(largest(n)))))
      .map((paddings) => ({ shape, paddings })),
  );
const padded: Case[] = [
  [
    "pad",
    fc
      .tuple(
        margins(() => 3),
        fc.constantFrom(0, 0.5, -2),
      )
      .map(([{ shape, paddings }, value]) => ({
        fn: (x: tf.Tensor) => tf.pad(x, paddings, value),
        inputs: [normal(shape)],
      })),
  ],
  [
    "pad of integers",
    margins(() => 2).map(({ shape, paddings }) => ({
      fn: (x: tf.Tensor) => tf.pad(x, paddings, 7),
      inputs: [integers(shape, -9, 9)],
      differentiable: false,
    })),
  ],
  [
    "mirrorPad, reflect",
    margins((n) => n - 1).map(({ shape, paddings }) => ({
      fn: (x: tf.Tensor) => tf.mirrorPad(x, paddings, "reflect"),
      inputs: [normal(shape)],
    })),
  ],
  [
    "mirrorPad, symmetric",
    margins((n) => n).map(({ shape, paddings }) => ({
      fn: (x: tf.Tensor) => tf.mirrorPad(x, paddings, "symmetric"),
      inputs: [normal(shape)],
    })),
  ],
];

const block = fc.integer({ min: 1, max: 3 });
const blocks: Case[] = [
  [
    "depthToSpace",
    fc.tuple(size, size, size, block).map(([h, w, c, b]) => ({
      fn: (x: tf.Tensor4D) => tf.depthToSpace(x, b),
      inputs: [normal([2, h, w, c * b * b])],
      // TensorFlow.js lacks the gradient.
      differentiable: false,
    })),
  ],
  [
    "spaceToBatchND",
    fc.tuple(size, size, block, block, size).map(([h, w, rows, columns, c]) => ({
      fn: (x: tf.Tensor) =>
        tf.spaceToBatchND(
          x,
          [rows, columns],
          [
            [1, rows - 1],
            [columns, 0],
          ],
        ),
      inputs: [normal([2, h * rows, w * columns, c])],
    })),
  ],
  [
    "batchToSpaceND",
    fc.tuple(size, size, block, block, size).map(([h, w, rows, columns, c]) => ({
      fn: (x: tf.Tensor) =>
        tf.batchToSpaceND(
          x,
          [rows, columns],
          [
            [rows - 1, 0],
            [0, columns - 1],
          ],
        ),
      inputs: [normal([2 * rows * columns, h, w, c])],
    })),
  ],
];

const withX = (fn: (x: tf.Tensor) => tf.Tensor | tf.Tensor[], shape = [3]): Problem => ({
  fn,
  inputs: [normal(shape)],
  differentiable: false,
});
const made: Case[] = [
  [
    "fill, ones, zeros, eye",
    shapes.map((shape) =>
      withX((x) => [
        x,
        tf.fill(shape, 2.5),
        tf.ones(shape),
        tf.zeros(shape, "int32"),
        tf.fill(shape, 3, "int32"),
        tf.eye(3),
      ]),
    ),
  ],
  [
    "range",
    fc
      .tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }), fc.constantFrom(1, 2, 0.1, 0.3))
      .map(([start, stop, step]) =>
        withX((x) => [
          x,
          tf.range(start, stop, start <= stop || step === 1 ? step : -step),
          tf.range(start, start + 4, 1, "int32"),
        ]),
      ),
  ],
  [
    "linspace",
    fc
      .tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 30 }))
      .map(([start, stop, n]) => withX((x) => [x, tf.linspace(start, stop, n)])),
  ],
];

const empty = (...shape: number[]): Draw => normal(shape);
const emptyCases: Record<string, Problem> = {
  reshape: { fn: (x: tf.Tensor) => tf.reshape(x, [3, 0, 2]), inputs: [empty(0, 6)] },
  concat: { fn: (x: tf.Tensor, y: tf.Tensor) => tf.concat([x, y]), inputs: [empty(0, 3), normal([2, 3])] },
  slice: { fn: (x: tf.Tensor) => tf.slice(x, [1, 0], [0, 2]), inputs: [normal([2, 3])] },
  pad: {
    fn: (x: tf.Tensor) =>
      tf.pad(
        x,
        [
          [1, 1],
          [0, 0],
        ],
        2,
      ),
    inputs: [empty(0, 2)],
  },
  sum: { fn: (x: tf.Tensor) => tf.sum(x, 0), inputs: [empty(0, 2)] },
  matMul: { fn: (x: tf.Tensor2D, y: tf.Tensor2D) => tf.matMul(x, y), inputs: [empty(2, 0), empty(0, 3)] },
  add: { fn: (x: tf.Tensor, y: tf.Tensor) => tf.add(x, y), inputs: [empty(0, 2), normal([2])] },
  gather: {
    fn: (x: tf.Tensor, ids: tf.Tensor) => tf.gather(x, ids as tf.Tensor1D),
    inputs: [normal([3, 2]), integers([0], 0, 3)],
  },
};
const ofNothing = Object.entries(emptyCases).map(([name, problem]): Case => [
  name,
  fc.constant({ ...problem, differentiable: false }),
]);

describe("moved", () => check(moved));
describe("joined", () => check(joined));
describe("cut", () => check(cut, 12));
describe("padded", () => check(padded));
describe("blocks", () => check(blocks));
describe("made from attributes", () => check(made));
describe("any rank", () =>
  check([
    [
      "reshape of scalars",
      onShapes((shape) => ({ fn: (x: tf.Tensor) => tf.reshape(x, [1, -1]), inputs: [normal(shape)] })),
    ],
  ]));
describe("empty tensors", () => check(ofNothing, 1));
