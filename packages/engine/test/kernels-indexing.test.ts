/** Kernels that read or write at integer indices: gather, scatter, one-hot, counts, search. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import {
  booleans,
  check,
  exactly,
  integers,
  normal,
  shapeAndAxis,
  shapeOf,
  size,
  type Case,
  type Draw,
  ways,
} from "./kernel-cases.js";

const domains: readonly ((shape: readonly number[]) => Draw)[] = [normal, (shape) => integers(shape, -9, 9), booleans];
const anyType = fc.constantFrom(0, 0, 1, 2);

/** `count` different positions in a shape, each given by its leading coordinates. */
const positions = shapeOf(1, 3).chain((shape) =>
  fc.integer({ min: 1, max: shape.length }).chain((coordinates) => {
    const leading = shape.slice(0, coordinates);
    const one = fc.tuple(...leading.map((n) => fc.nat(n - 1)));
    return fc
      .uniqueArray(one, { minLength: 1, maxLength: 4, selector: (position) => position.join() })
      .map((list) => ({ shape, coordinates, list }));
  }),
);
const indexTensor = (list: readonly (readonly number[])[]): Draw =>
  exactly(list.flat(), [list.length, list[0]!.length], "int32");

const gathers: Case[] = [
  [
    "gather",
    fc.tuple(shapeAndAxis(1, 3), shapeOf(1, 2), anyType).map(([{ shape, axis }, picked, type]) => ({
      fn: (x: tf.Tensor, indices: tf.Tensor) => tf.gather(x, tf.cast(indices, "int32"), axis),
      inputs: [domains[type]!(shape), integers(picked, 0, shape.at(axis)!)],
      differentiable: type === 0,
    })),
  ],
  [
    "gather with a batch axis",
    fc.tuple(size, size, size, size).map(([batch, rows, width, picked]) => ({
      fn: (x: tf.Tensor, indices: tf.Tensor) => tf.gather(x, indices, 1, 1),
      inputs: [normal([batch, rows, width]), integers([batch, picked], 0, rows)],
    })),
  ],
  [
    "gather behind two batch axes",
    fc.tuple(size, size, size, size).map(([batch, rows, width, picked]) => ({
      fn: (x: tf.Tensor, indices: tf.Tensor) => tf.gather(x, indices, 3, 2),
      inputs: [normal([2, batch, width, rows]), integers([2, batch, picked], 0, rows)],
    })),
  ],
  [
    "gatherND",
    fc.tuple(positions, anyType).map(([{ shape, list }, type]) => ({
      fn: (x: tf.Tensor, indices: tf.Tensor) => tf.gatherND(x, indices),
      inputs: [domains[type]!(shape), indexTensor(list)],
      // TensorFlow.js lacks this gradient and those of scatters.
      differentiable: false,
    })),
  ],
];

const scatters: Case[] = [
  ...(["reals", "integers"] as const).map((kind): Case => [
    `scatterND of ${kind}`,
    positions.map(({ shape, coordinates, list }) => ({
      // Every position occurs twice, and updates at the same position are added.
      fn: (indices: tf.Tensor, updates: tf.Tensor) =>
        tf.scatterND(tf.concat([indices, indices]), tf.concat([updates, updates]), shape),
      inputs: [
        indexTensor(list),
        (kind === "reals" ? normal : (s: number[]) => integers(s, -9, 9))([list.length, ...shape.slice(coordinates)]),
      ],
      differentiable: false,
    })),
  ]),
  [
    "tensorScatterUpdate",
    fc.tuple(positions, fc.constantFrom(0, 1)).map(([{ shape, coordinates, list }, type]) => ({
      fn: (x: tf.Tensor, indices: tf.Tensor, updates: tf.Tensor) => tf.tensorScatterUpdate(x, indices, updates),
      inputs: [domains[type]!(shape), indexTensor(list), domains[type]!([list.length, ...shape.slice(coordinates)])],
      differentiable: false,
    })),
  ],
  [
    "sparseToDense",
    fc.tuple(positions, anyType, fc.boolean()).map(([{ shape, coordinates, list }, type, oneForAll]) => ({
      fn: (indices: tf.Tensor, values: tf.Tensor, otherwise: tf.Tensor) =>
        tf.sparseToDense(indices, values, shape.slice(0, coordinates), otherwise as tf.Scalar),
      inputs: [indexTensor(list), domains[type]!(oneForAll ? [] : [list.length]), domains[type]!([])],
      differentiable: false,
    })),
  ],
  [
    "sparseToDense along one axis",
    fc.tuple(size, size).map(([n, width]) => ({
      fn: (values: tf.Tensor, single: tf.Tensor) => [
        tf.sparseToDense(tf.range(0, n, 1, "int32"), values, [n + width], tf.scalar(0.5)),
        tf.sparseToDense(tf.scalar(1, "int32"), single, [width + 1], tf.scalar(-1)),
      ],
      inputs: [normal([n]), normal([])],
      differentiable: false,
    })),
  ],
  [
    "unsortedSegmentSum, some ids outside",
    fc.tuple(size, shapeOf(0, 2), size).map(([n, row, bins]) => ({
      fn: (x: tf.Tensor, ids: tf.Tensor) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, bins),
      inputs: [normal([n, ...row]), integers([n], -1, bins + 1)],
      differentiable: false,
    })),
  ],
  [
    "unsortedSegmentSum with its gradient",
    fc.tuple(size, shapeOf(0, 2), size).map(([n, row, bins]) => ({
      fn: (x: tf.Tensor, ids: tf.Tensor) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, bins),
      inputs: [normal([n, ...row]), integers([n], -1, bins)],
    })),
  ],
];

const marks: Case[] = [
  ...(["float32", "int32", "bool"] as const).map((dtype): Case => [
    `oneHot, ${dtype}`,
    fc
      .tuple(shapeOf(0, 2), fc.integer({ min: 2, max: 5 }), fc.constantFrom([1, 0], [0.5, -2]))
      .map(([shape, depth, [on, off]]) => ({
        fn: (indices: tf.Tensor) =>
          dtype === "float32" ? tf.oneHot(indices, depth, on, off, dtype) : tf.oneHot(indices, depth, 1, 0, dtype),
        inputs: [integers(shape, -1, depth + 1)],
        differentiable: false,
      })),
  ]),
  [
    "bincount",
    fc.tuple(size, size, fc.boolean()).map(([n, bins, weighted]) => ({
      fn: (x: tf.Tensor, weights: tf.Tensor) =>
        tf.bincount(x as tf.Tensor1D, (weighted ? weights : tf.tensor1d([])) as tf.Tensor1D, bins),
      inputs: [integers([n], 0, bins + 2), normal([n])],
      differentiable: false,
    })),
  ],
  [
    "denseBincount",
    fc.tuple(shapeOf(1, 2), size, fc.boolean(), fc.boolean()).map(([shape, bins, weighted, binary]) => ({
      fn: (x: tf.Tensor, weights: tf.Tensor) =>
        tf.denseBincount(
          x as tf.Tensor2D,
          (weighted ? weights : tf.tensor1d([])) as tf.Tensor2D,
          bins,
          // The plain backend ignores `binary` for a single row.
          binary && shape.length === 2,
        ),
      inputs: [integers(shape, 0, bins + 2), normal(shape)],
      differentiable: false,
    })),
  ],
  [
    "searchSorted",
    fc
      .tuple(size, size, size, fc.constantFrom("left", "right" as const), fc.boolean())
      .map(([rows, n, m, side, whole]) => ({
        fn: (x: tf.Tensor, values: tf.Tensor) => tf.searchSorted(tf.cumsum(tf.abs(x), 1), values, side as "left"),
        inputs: whole ? [integers([rows, n], 0, 3), integers([rows, m], 0, 9)] : [normal([rows, n]), normal([rows, m])],
        differentiable: false,
      })),
  ],
];

describe("gathers", () => check(gathers, 8));
describe("scatters", () => check(scatters, 6));
describe("marks and counts", () => check(marks, 6));

describe("many rows in few bins", () => {
  // ONNX Runtime's ScatterND runs in parallel. If an index occurs often, it loses sums or the order
  // of writes.
  it.each(ways)("loses none on $name", async ({ engine, options }) => {
    await useEngine(engine);
    const [rows, bins, width] = [200_000, 4, 4];
    const ids = tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => i % bins),
      "int32",
    );
    const x = tf.ones<tf.Rank.R2>([rows, width]);
    const sum = compile(
      (values: tf.Tensor, indices: tf.Tensor) => [
        tf.unsortedSegmentSum(values, indices as tf.Tensor1D, bins),
        tf.scatterND(tf.expandDims(indices, 1), values, [bins, width]),
      ],
      options,
    );
    for (let call = 0; call < 5; call++) {
      for (const result of await sum(x, ids)) expect(new Set(result.dataSync())).toEqual(new Set([rows / bins]));
    }
    await sum.dispose();
  });
});

describe("a scatter into a tensor", () => {
  it.each(ways)("leaves the tensor as it is on $name", async ({ engine, options }) => {
    await useEngine(engine);
    const write = (x: tf.Tensor): tf.Tensor =>
      tf.tensorScatterUpdate(x, tf.tensor2d([[2], [0]], [2, 1], "int32"), tf.tensor1d([7, 9]));
    for (const run of [write, compile(write, options)]) {
      const x = tf.tensor1d([1, 2, 3]);
      expect([...(await run(x)).dataSync()]).toEqual([9, 2, 7]);
      expect([...x.dataSync()]).toEqual([1, 2, 3]);
    }
  });
});
