/**
 * Invalid indices, shapes that do not fit, inputs in any order, and graphs that TensorFlow refuses.
 */
import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, discoverEngines, EngineError, useEngine, type EngineName } from "../src/index.js";
import type { Graph } from "../src/graph.js";
import { nativeTensorFlow } from "./native-tensorflow.js";
import { waysOn } from "./ways.js";
import { tensorFlowExecutor } from "../src/tensorflow/executor.js";

const candidates: readonly EngineName[] = ["cpu", "onnx", "tensorflow", "wasm", "onnx-web"];
const statuses = await discoverEngines();
const ways = waysOn(candidates.filter((name) => statuses.some((status) => status.name === name && status.available)));

type Fn = (x: tf.Tensor) => tf.Tensor;
const square = (): tf.Tensor2D => tf.tensor2d([1, 2, 3, 4], [2, 2]);
const five = (): tf.Tensor1D => tf.tensor1d([5]);

/** Cases with invalid indices: negative, beyond the axis, or beyond it but inside the tensor. */
const outside: readonly (readonly [name: string, fn: Fn, indices: number[], shape: number[], kernel: RegExp])[] = [
  ["gather at -1", (i) => tf.gather(tf.tensor1d([1, 2, 3]), i as tf.Tensor1D), [0, -1], [2], /GatherV2/],
  ["gather beyond the axis", (i) => tf.gather(tf.tensor1d([1, 2, 3]), i as tf.Tensor1D), [3], [1], /GatherV2/],
  ["gather of rows at -2", (i) => tf.gather(square(), i as tf.Tensor1D, 1), [-2], [1], /GatherV2/],
  ["gather in batches at -1", (i) => tf.gather(square(), i, 1, 1), [0, -1], [2, 1], /GatherV2/],
  ["gatherND at -1", (i) => tf.gatherND(square(), i), [0, -1], [1, 2], /GatherNd/],
  ["gatherND in the next row", (i) => tf.gatherND(square(), i), [0, 2], [1, 2], /GatherNd/],
  ["scatterND at -1", (i) => tf.scatterND(i, five(), [3]), [-1], [1, 1], /ScatterNd/],
  ["scatterND in the next row", (i) => tf.scatterND(i, five(), [2, 2]), [0, 2], [1, 2], /ScatterNd/],
  [
    "tensorScatterUpdate at -1",
    (i) => tf.tensorScatterUpdate(square(), i, tf.ones([1, 2])),
    [-1],
    [1, 1],
    /TensorScatterUpdate/,
  ],
  ["sparseToDense at 3", (i) => tf.sparseToDense(i, five(), [3], 0), [3], [1], /SparseToDense/],
  ["bincount of -1", (i) => tf.bincount(i as tf.Tensor1D, tf.tensor1d([]), 3), [-1, 0], [2], /Bincount/],
  [
    "denseBincount of -1",
    (i) => tf.denseBincount(i as tf.Tensor2D, [] as never, 3),
    [0, 1, -1, 5],
    [2, 2],
    /DenseBincount/,
  ],
];

describe.each(ways)("indices on $name", ({ engine, options }) => {
  beforeAll(() => useEngine(engine));

  it.each(outside)("%s is an error that names the kernel", async (_, fn, indices, shape, kernel) => {
    const call = compile(fn, options)(tf.tensor(indices, shape, "int32"));
    await expect(call).rejects.toThrow(EngineError);
    await expect(call).rejects.toThrow(kernel);
  });

  it("outside leave their row empty in oneHot, and count for nothing in unsortedSegmentSum and above the last bin", async () => {
    const ids = tf.tensor1d([-1, 0, 3], "int32");
    const [hot, sums, counts] = await compile(
      (i: tf.Tensor1D) => [
        tf.oneHot(i, 3),
        tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4]), i, 2),
        tf.bincount(tf.abs(i), tf.tensor1d([]), 2),
      ],
      options,
    )(ids);
    expect([...hot!.dataSync()]).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0]);
    expect([...sums!.dataSync()]).toEqual([2, 0]);
    expect([...counts!.dataSync()]).toEqual([1, 1]);
  });
});

const [narrow, wide] = [(): tf.Tensor => tf.ones([2, 3]), (): tf.Tensor => tf.ones([2, 4])];
const unsuitable: readonly (readonly [name: string, fn: () => tf.Tensor, shapes: RegExp])[] = [
  ["matMul", () => tf.matMul(narrow(), wide()), /\[2,3\] and \[2,4\]/],
  ["matMul, transposed", () => tf.matMul(narrow(), wide(), true, true), /\[2,3\] and \[2,4\].*transposeB=true/],
  ["matMul of a vector", () => tf.matMul(tf.ones([6]), wide()), /\[6\] and \[2,4\]/],
  ["matMul in batches", () => tf.matMul(tf.ones([2, 1, 3]), tf.ones([3, 3, 1])), /\[2,1,3\] and \[3,3,1\]/],
  ["concat", () => tf.concat([narrow(), wide()], 0), /\[2,3\] and \[2,4\]/],
  ["concat of ranks", () => tf.concat([narrow(), tf.ones([6])], 0), /\[2,3\] and \[6\]/],
  ["stack", () => tf.stack([narrow(), wide()]), /\[2,3\] and \[2,4\]/],
  ["slice", () => tf.slice(narrow(), [0, 2], [2, 2]), /\[2,3\] and \[2,2\]/],
  ["pad", () => tf.pad(narrow(), [[1, 1]]), /\[2,3\]/],
  ["prelu", () => tf.prelu(narrow(), wide()), /\[2,3\] and \[2,4\]/],
  ["einsum", () => tf.einsum("ij,jk->ik", narrow(), wide()), /\[2,3\] and \[2,4\]/],
  ["gather in batches", () => tf.gather(narrow(), tf.ones([3, 1], "int32"), 1, 1), /\[2,3\] and \[3,1\]/],
  ["gatherND", () => tf.gatherND(narrow(), tf.ones([1, 3], "int32")), /\[2,3\] and \[1,3\]/],
  [
    "unsortedSegmentSum",
    () => tf.unsortedSegmentSum(narrow(), tf.ones([3], "int32") as tf.Tensor1D, 2),
    /\[2,3\] and \[3\]/,
  ],
  ["transpose", () => tf.transpose(narrow(), [0, 0]), /\[2,3\]/],
  [
    "batchNorm",
    () => tf.batchNorm(tf.tensor4d([1, 2, 3], [1, 1, 1, 3]), tf.ones([2]), tf.ones([2])),
    /\[1,1,1,3\] and \[2\]/,
  ],
  [
    "conv2dTranspose",
    () =>
      tf.conv2dTranspose(tf.ones<tf.Rank.R4>([1, 4, 4, 3]), tf.ones<tf.Rank.R4>([2, 2, 2, 3]), [1, 9, 8, 2], 2, "same"),
    /\[1,9,8,2\].*\[1,4,4,3\]/,
  ],
  [
    "batchToSpaceND",
    () => tf.batchToSpaceND(tf.ones([4, 2, 2, 3]), [2, 2], [[4, 3], [0, 0]]), // prettier-ignore
    /\[4,2,2,3\] and \[1,4,4,3\]/,
  ],
];

describe.each(ways)("shapes on $name", ({ engine, options }) => {
  beforeAll(() => useEngine(engine));

  it.each(unsuitable)("%s is refused while recording, with all shapes", async (_, fn, shapes) => {
    const compiled = compile(fn, options);
    await expect(compiled()).rejects.toThrow(ValidationError);
    await expect(compiled()).rejects.toThrow(shapes);
    expect(compiled.programs).toBe(0);
  });
});

/** A kernel with its inputs in the other order, and its results for (7, -3) and (2, 5). */
const named: readonly (readonly [kernel: string, first: string, second: string, right: readonly number[]])[] = [
  ["Sub", "a", "b", [5, -8]],
  ["RealDiv", "a", "b", [3.5, -0.6]],
  ["Mod", "a", "b", [1, 2]],
  ["Pow", "a", "b", [49, -243]],
  ["FloorDiv", "a", "b", [3, -1]],
  ["Atan2", "a", "b", [Math.atan2(7, 2), Math.atan2(-3, 5)]],
  ["Greater", "a", "b", [1, 0]],
  ["GreaterEqual", "a", "b", [1, 0]],
  ["Less", "a", "b", [0, 1]],
  ["LessEqual", "a", "b", [0, 1]],
  ["SquaredDifference", "a", "b", [25, 64]],
  ["Prelu", "x", "alpha", [7, -15]],
];

describe.each(ways)("inputs by name on $name", ({ engine, options }) => {
  beforeAll(() => useEngine(engine));

  it.each(named)("%s takes %s and %s in any order", async (kernel, first, second, right) => {
    const call = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
      tf.engine().runKernel(kernel, { [second]: y, [first]: x } as tf.NamedTensorMap) as tf.Tensor;
    const result = await compile(call, options)(tf.tensor1d([7, -3]), tf.tensor1d([2, 5]));
    [...result.dataSync()].forEach((value, i) => expect(value).toBeCloseTo(right[i]!, 5));
  });
});

describe.skipIf(nativeTensorFlow === undefined)("a graph that TensorFlow refuses", () => {
  it("ends in an EngineError that names its kernel", async () => {
    const value = (id: number, dtype: "int32" | "float32") => ({ id, shape: [2], dtype });
    const graph: Graph = {
      inputs: [{ value: value(0, "int32"), source: { kind: "argument", leaf: 0 } }],
      constants: [],
      nodes: [
        { kernel: "Neg", inputs: [{ name: "x", id: 0 }], attrs: {}, outputs: [value(1, "int32")] },
        {
          kernel: "EluGrad",
          inputs: ["dy", "y"].map((name) => ({ name, id: 1 })),
          attrs: {},
          outputs: [value(2, "float32")],
        },
      ],
      outputs: [2],
    };
    const loading = tensorFlowExecutor(nativeTensorFlow!).load(graph);
    await expect(loading).rejects.toThrow(EngineError);
    await expect(loading).rejects.toThrow(/in the kernel EluGrad that makes float32\[2\].*EluGrad#1/s);
  });
});
