/** Each rewrite alone on a graph written by hand, and all of them on a step of a Markov chain. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { grad, record, useEngine } from "../src/index.js";
import type { DType, Graph, GraphNode, TypedArray, Value } from "../src/graph.js";
import { removeDeadCode } from "../src/passes/dead-code.js";
import { constantFolding } from "../src/passes/fold-constants.js";
import { cleanUp } from "../src/passes/index.js";
import { SeenBefore } from "../src/passes/merge.js";
import { moveReshapes } from "../src/passes/reshapes.js";
import { rewrite } from "../src/passes/rewrite.js";
import { simplification } from "../src/passes/simplify.js";

const simplify = (graph: Graph): Graph => rewrite(graph, simplification);
const foldConstants = (graph: Graph): Graph => rewrite(graph, constantFolding());
const mergeCommonSubexpressions = (graph: Graph): Graph => rewrite(graph, () => undefined, new SeenBefore());

type Spec = readonly [shape: readonly number[], dtype?: DType];
type Call = readonly [
  kernel: string,
  inputs: Record<string, number>,
  attrs: Record<string, unknown>,
  ...outputs: Spec[],
];

/** Ids are assigned in order: inputs, constants, results of the nodes. */
function graphOf(part: {
  inputs?: readonly Spec[];
  constants?: readonly (readonly [...Spec, TypedArray])[];
  calls: readonly Call[];
  outputs: readonly number[];
}): Graph {
  let count = 0;
  const value = (shape: readonly number[], dtype: DType = "float32"): Value => ({ id: count++, shape, dtype });
  const inputs = (part.inputs ?? []).map(([shape, dtype], leaf) => ({
    value: value(shape, dtype),
    source: { kind: "argument" as const, leaf },
  }));
  const constants = (part.constants ?? []).map((constant) => {
    const [shape, dtype] = constant as unknown as [number[], DType];
    return { value: value(shape, dtype), data: constant.at(-1) as TypedArray };
  });
  const nodes = part.calls.map(([kernel, named, attrs, ...outputs]): GraphNode => ({
    kernel,
    inputs: Object.entries(named).map(([name, id]) => ({ name, id })),
    attrs,
    outputs: outputs.map(([shape, dtype]) => value(shape, dtype)),
  }));
  return { inputs, constants, nodes, outputs: part.outputs };
}

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const kernelsOf = (graph: Graph): string[] => graph.nodes.map(({ kernel }) => kernel);

/** A graph of one input [2, 3], one constant, and calls from id 2 on. */
const onMatrix = (constant: readonly [readonly number[], DType, TypedArray], ...calls: Call[]): Graph =>
  graphOf({
    inputs: [[[2, 3]]],
    constants: [constant],
    calls,
    outputs: [1 + calls.reduce((n, call) => n + call.length - 3, 0)],
  });

const ones = [[3], "float32", floats(1, 1, 1)] as const;
const zeros = [[1], "float32", floats(0)] as const;
const matrix: Spec = [[2, 3]];

describe("simplification", () => {
  const disappearing: [string, Graph][] = [
    ["x * 1", onMatrix(ones, ["Multiply", { a: 0, b: 1 }, {}, matrix])],
    ["1 * x", onMatrix(ones, ["Multiply", { a: 1, b: 0 }, {}, matrix])],
    ["x / 1", onMatrix(ones, ["RealDiv", { a: 0, b: 1 }, {}, matrix])],
    ["x - 0", onMatrix(zeros, ["Sub", { a: 0, b: 1 }, {}, matrix])],
    ["-(-x)", onMatrix(ones, ["Neg", { x: 0 }, {}, matrix], ["Neg", { x: 2 }, {}, matrix])],
    ["cast to its own type", onMatrix(ones, ["Cast", { x: 0 }, { dtype: "float32" }, matrix])],
    ["reshape to its own shape", onMatrix(ones, ["Reshape", { x: 0 }, { shape: [2, 3] }, matrix])],
    [
      "reshape there and back",
      onMatrix(ones, ["Reshape", { x: 0 }, { shape: [6] }, [[6]]], ["Reshape", { x: 2 }, { shape: [2, 3] }, matrix]),
    ],
    ["transpose by the identity", onMatrix(ones, ["Transpose", { x: 0 }, { perm: [0, 1] }, matrix])],
    [
      "transpose there and back",
      onMatrix(
        ones,
        ["Transpose", { x: 0 }, { perm: [1, 0] }, [[3, 2]]],
        ["Transpose", { x: 2 }, { perm: [1, 0] }, matrix],
      ),
    ],
    ["tile by ones", onMatrix(ones, ["Tile", { x: 0 }, { reps: [1, 1] }, matrix])],
    ["broadcast to its own shape", onMatrix(ones, ["BroadcastTo", { x: 0 }, { shape: [2, 3] }, matrix])],
    ["slice of everything", onMatrix(ones, ["Slice", { x: 0 }, { begin: [0, 0], size: [-1, 3] }, matrix])],
    [
      "strided slice of everything",
      onMatrix(ones, ["StridedSlice", { x: 0 }, { begin: [0, 0], end: [2, 3], strides: [1, 1] }, matrix]),
    ],
    [
      "pad by nothing",
      onMatrix(ones, [
        "PadV2",
        { x: 0 },
        {
          paddings: [
            [0, 0],
            [0, 0],
          ],
          constantValue: 7,
        },
        matrix,
      ]),
    ],
    ["reverse of no axis", onMatrix(ones, ["Reverse", { x: 0 }, { dims: [] }, matrix])],
    ["concatenation of one", onMatrix(ones, ["Concat", { 0: 0 }, { axis: 0 }, matrix])],
    ["split into one", onMatrix(ones, ["SplitV", { x: 0 }, { numOrSizeSplits: [2], axis: 0 }, matrix])],
    [
      "concatenation of all parts",
      onMatrix(
        ones,
        ["SplitV", { x: 0 }, { numOrSizeSplits: [1, 2], axis: 1 }, [[2, 1]], [[2, 2]]],
        ["Concat", { 0: 2, 1: 3 }, { axis: -1 }, matrix],
      ),
    ],
    ["maximum over no axes", onMatrix(ones, ["Max", { x: 0 }, { reductionIndices: [], keepDims: false }, matrix])],
    [
      "select with a condition that always holds",
      onMatrix([[2, 3], "bool", new Uint8Array(6).fill(1)], ["Select", { condition: 1, t: 0, e: 0 }, {}, matrix]),
    ],
  ];

  it.each(disappearing)("%s is x", (_, graph) => {
    const simple = simplify(graph);
    expect(simple.outputs).toEqual([0]);
    expect(removeDeadCode(simple).nodes).toEqual([]);
  });

  const staying: [string, Graph][] = [
    ["x + 0, since -0 + 0 is 0", onMatrix(zeros, ["Add", { a: 0, b: 1 }, {}, matrix])],
    ["x - (-0), since -0 + 0 is 0", onMatrix([[1], "float32", floats(-0)], ["Sub", { a: 0, b: 1 }, {}, matrix])],
    ["x * 0, since x may be NaN", onMatrix(zeros, ["Multiply", { a: 0, b: 1 }, {}, matrix])],
    ["1 - x", onMatrix(ones, ["Sub", { a: 1, b: 0 }, {}, matrix])],
    ["1 / x", onMatrix(ones, ["RealDiv", { a: 1, b: 0 }, {}, matrix])],
    [
      "a sum over no axes, since 0 + (-0) is 0",
      onMatrix(ones, ["Sum", { x: 0 }, { axis: [], keepDims: false }, matrix]),
    ],
    [
      "x times ones of a larger shape",
      onMatrix([[4, 2, 3], "float32", new Float32Array(24).fill(1)], ["Multiply", { a: 0, b: 1 }, {}, [[4, 2, 3]]]),
    ],
    ["x times ones but for one", onMatrix([[3], "float32", floats(1, 2, 1)], ["Multiply", { a: 0, b: 1 }, {}, matrix])],
    [
      "a concatenation of parts in another order",
      onMatrix(
        ones,
        ["SplitV", { x: 0 }, { numOrSizeSplits: [1, 1, 1], axis: 1 }, [[2, 1]], [[2, 1]], [[2, 1]]],
        ["Concat", { 0: 2, 1: 4, 2: 3 }, { axis: 1 }, matrix],
      ),
    ],
    [
      "a concatenation of some parts",
      onMatrix(
        ones,
        ["SplitV", { x: 0 }, { numOrSizeSplits: [1, 1, 1], axis: 1 }, [[2, 1]], [[2, 1]], [[2, 1]]],
        ["Concat", { 0: 2, 1: 3 }, { axis: 1 }, [[2, 2]]],
      ),
    ],
    [
      "a concatenation of parts along another axis",
      graphOf({
        inputs: [[[2, 2]]],
        calls: [
          ["SplitV", { x: 0 }, { numOrSizeSplits: 2, axis: 1 }, [[2, 1]], [[2, 1]]],
          ["Concat", { 0: 1, 1: 2 }, { axis: 0 }, [[4, 1]]],
        ],
        outputs: [3],
      }),
    ],
    ["a cast to another type", onMatrix(ones, ["Cast", { x: 0 }, { dtype: "int32" }, [[2, 3], "int32"]])],
    ["a strided slice backwards", onMatrix(ones, ["StridedSlice", { x: 0 }, { strides: [-1, 1] }, matrix])],
    ["floor division of floats by 1", onMatrix([[], "float32", floats(1)], ["FloorDiv", { a: 0, b: 1 }, {}, matrix])],
    [
      "select with a condition of rank 1",
      onMatrix([[2], "bool", new Uint8Array(2).fill(1)], ["Select", { condition: 1, t: 0, e: 0 }, {}, matrix]),
    ],
    [
      "select with a condition that varies",
      onMatrix(
        [[2, 3], "bool", Uint8Array.from([1, 0, 1, 0, 1, 0])],
        ["Select", { condition: 1, t: 0, e: 0 }, {}, matrix],
      ),
    ],
  ];

  it.each(staying)("%s stays", (_, graph) => {
    expect(simplify(graph)).toBe(graph);
  });

  const becoming: [string, string, Graph][] = [
    ["expandDims", "Reshape", onMatrix(ones, ["ExpandDims", { input: 0 }, { dim: 0 }, [[1, 2, 3]]])],
    ["stack of one", "Reshape", onMatrix(ones, ["Pack", { 0: 0 }, { axis: 0 }, [[1, 2, 3]]])],
    [
      "transpose that moves axes of size one only",
      "Reshape",
      onMatrix(
        ones,
        ["Reshape", { x: 0 }, { shape: [1, 2, 3] }, [[1, 2, 3]]],
        ["Transpose", { x: 2 }, { perm: [1, 0, 2] }, [[2, 1, 3]]],
      ),
    ],
    [
      "maximum over axes of size one",
      "Reshape",
      onMatrix(
        ones,
        ["Reshape", { x: 0 }, { shape: [2, 1, 3] }, [[2, 1, 3]]],
        ["Max", { x: 2 }, { reductionIndices: [1], keepDims: false }, matrix],
        ["Reshape", { x: 3 }, { shape: [6] }, [[6]]],
      ),
    ],
  ];

  it.each(becoming)("%s becomes one %s", (_, kernel, graph) => {
    const last = simplify(graph).nodes.at(-1)!;
    expect(last.kernel).toBe(kernel);
    expect(last.outputs).toEqual(graph.nodes.at(-1)!.outputs);
  });

  it.each<[string, string, Record<string, number>, Record<string, number>]>([
    ["a + (-b)", "Add", { a: 1, b: 3 }, { a: 1, b: 0 }],
    ["(-b) + a", "Add", { a: 3, b: 1 }, { a: 1, b: 0 }],
    ["a - (-b)", "Sub", { a: 1, b: 3 }, { a: 1, b: 0 }],
    ["(-b) + (-b)", "Add", { a: 3, b: 3 }, { a: 3, b: 0 }],
  ])("%s needs fewer negations, without a change of zeros", (_, kernel, inputs, left) => {
    const calls: Call[] = [
      ["Neg", { x: 0 }, {}, [[4]]],
      [kernel, inputs, {}, [[4]]],
    ];
    const graph = graphOf({ inputs: [[[4]], [[4]]], constants: [[[1], "float32", floats(0)]], calls, outputs: [4] });
    const found = simplify(graph).nodes.at(-1)!;
    expect(found.kernel).toBe(kernel === "Add" ? "Sub" : "Add");
    expect(Object.fromEntries(found.inputs.map(({ name, id }) => [name, id]))).toEqual(left);
    const values: Record<number, number[]> = { 0: [0, 0, -0, -0], 1: [0, -0, 0, -0], 3: [-0, -0, 0, 0] };
    const of = (node: string, { a, b }: Record<string, number>): number[] =>
      values[a!]!.map((x, i) => (node === "Add" ? x + values[b!]![i]! : x - values[b!]![i]!));
    expect(of(found.kernel, left)).toEqual(of(kernel, inputs));
  });

  it("composes permutations in the order in which they are applied", () => {
    const graph = graphOf({
      inputs: [[[2, 3, 4]]],
      calls: [
        ["Transpose", { x: 0 }, { perm: [1, 2, 0] }, [[3, 4, 2]]],
        ["Transpose", { x: 1 }, { perm: [0, 2, 1] }, [[3, 2, 4]]],
      ],
      outputs: [2],
    });
    expect(removeDeadCode(simplify(graph)).nodes).toMatchObject([{ inputs: [{ id: 0 }], attrs: { perm: [1, 0, 2] } }]);
  });

  it("knows zerosLike and onesLike by their shape alone", () => {
    const simple = simplify(onMatrix(ones, ["OnesLike", { x: 0 }, {}, matrix]));
    expect(simple.nodes).toEqual([]);
    expect(simple.constants.at(-1)).toEqual({
      value: { id: 2, shape: [2, 3], dtype: "float32" },
      data: floats(1, 1, 1, 1, 1, 1),
    });
  });
});

it("leaves constants alone where the plain backend is not installed", () => {
  expect(tf.findBackend("cpu")).toBeNull();
  const graph = graphOf({
    constants: [[[1], "float32", floats(2)]],
    calls: [["Exp", { x: 0 }, {}, [[1]]]],
    outputs: [1],
  });
  expect(foldConstants(graph)).toBe(graph);
});

describe("constant folding", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("works out nodes of constants with the plain backend's kernels, all outputs at once", () => {
    const graph = graphOf({
      constants: [[[4], "float32", floats(1, 2, 3, 4)]],
      calls: [
        ["SplitV", { x: 0 }, { numOrSizeSplits: [2, 2], axis: 0 }, [[2]], [[2]]],
        ["Multiply", { a: 1, b: 2 }, {}, [[2]]],
        ["Concat", { 0: 3, 1: 1 }, { axis: 0 }, [[4]]],
      ],
      outputs: [4],
    });
    const before = tf.memory().numTensors;
    const folded = foldConstants(graph);
    expect(folded.nodes).toEqual([]);
    expect(folded.constants.find(({ value }) => value.id === 4)!.data).toEqual(floats(3, 8, 1, 2));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("leaves what depends on an input, what is large, and what TensorFlow.js cannot compute", () => {
    const left: Graph[] = [
      onMatrix(ones, ["Add", { a: 0, b: 1 }, {}, matrix]),
      graphOf({
        constants: [[[1], "float32", floats(2)]],
        calls: [["Tile", { x: 0 }, { reps: [65_537] }, [[65_537]]]],
        outputs: [1],
      }),
      graphOf({
        constants: [[[1], "float32", floats(2)]],
        calls: [["NoSuchKernel", { x: 0 }, {}, [[1]]]],
        outputs: [1],
      }),
    ];
    for (const graph of left) expect(foldConstants(graph)).toBe(graph);
  });
});

describe("merging", () => {
  it("makes equal nodes, equal constants of any size and draws of one key one", () => {
    const draw = { kind: "normal", shape: [2], mean: 0, sd: 1 } as const;
    const large = (): Float32Array => Float32Array.from({ length: 2000 }, (_, i) => i);
    const graph: Graph = {
      ...graphOf({
        inputs: [[[2]], [[2]]],
        constants: [
          [[2000], "float32", large()],
          [[2000], "float32", large()],
        ],
        calls: [
          ["Add", { a: 0, b: 1 }, {}, [[2]]],
          ["Add", { a: 1, b: 0 }, {}, [[2]]],
          ["Add", { a: 2, b: 3 }, {}, [[2000]]],
        ],
        outputs: [4, 5, 6],
      }),
    };
    const drawn = graph.inputs.map(({ value }) => ({
      value,
      source: { kind: "random" as const, leaf: 0, path: [3], draw },
    }));
    const merged = mergeCommonSubexpressions({ ...graph, inputs: drawn });
    expect(merged.inputs.map(({ value }) => value.id)).toEqual([0]);
    expect(merged.constants.map(({ value }) => value.id)).toEqual([2]);
    expect(merged.outputs).toEqual([4, 4, 6]);
  });

  it("keeps apart what JSON would confuse: infinities, NaN, and zeros of either sign", () => {
    const pad = (constantValue: number): Call => ["PadV2", { x: 0 }, { paddings: [[1, 1]], constantValue }, [[4]]];
    const values = [Infinity, -Infinity, NaN, 0, -0];
    const graph = graphOf({ inputs: [[[2]]], calls: values.map(pad), outputs: values.map((_, i) => i + 1) });
    expect(mergeCommonSubexpressions(graph)).toBe(graph);
    const zeroes = graphOf({
      constants: [
        [[1], "float32", floats(0)],
        [[1], "float32", floats(-0)],
      ],
      calls: [],
      outputs: [0, 1],
    });
    expect(mergeCommonSubexpressions(zeroes)).toBe(zeroes);
  });
});

describe("reshapes", () => {
  const flat: Spec = [[6]];
  const asMatrix: Call = ["Reshape", { x: 0 }, { shape: [2, 3] }, matrix];
  const back = (x: number): Call => ["Reshape", { x }, { shape: [6] }, flat];

  it("around elementwise kernels disappear, with those of the other operand at the start", () => {
    const graph = graphOf({
      inputs: [flat, matrix],
      constants: [[[], "float32", floats(2)]],
      calls: [
        ["Reshape", { x: 0 }, { shape: [2, 3] }, matrix],
        ["Sub", { a: 1, b: 3 }, {}, matrix],
        back(4),
        ["Multiply", { a: 5, b: 2 }, {}, flat],
        ["Reshape", { x: 6 }, { shape: [2, 3] }, matrix],
        ["Neg", { x: 7 }, {}, matrix],
        back(8),
      ],
      outputs: [9],
    });
    const { nodes } = cleanUp(graph);
    expect(nodes.map(({ kernel, outputs }) => [kernel, outputs[0]!.shape])).toEqual([
      ["Reshape", [6]],
      ["Sub", [6]],
      ["Multiply", [6]],
      ["Neg", [6]],
    ]);
    expect(nodes[0]!.inputs[0]!.id).toBe(1);
  });

  const staying: [string, Graph][] = [
    [
      "a value that is also read in its own shape",
      graphOf({ inputs: [flat], calls: [asMatrix, ["Neg", { x: 1 }, {}, matrix], back(2)], outputs: [2, 3] }),
    ],
    [
      "an operand that broadcasts",
      graphOf({
        inputs: [flat, [[3]]],
        calls: [["Reshape", { x: 0 }, { shape: [2, 3] }, matrix], ["Add", { a: 2, b: 1 }, {}, matrix], back(3)],
        outputs: [4],
      }),
    ],
    [
      "a result of another shape than before",
      graphOf({
        inputs: [flat],
        calls: [asMatrix, ["Neg", { x: 1 }, {}, matrix], ["Reshape", { x: 2 }, { shape: [3, 2] }, [[3, 2]]]],
        outputs: [3],
      }),
    ],
  ];
  it.each(staying)("stay around %s", (_, graph) => {
    expect(moveReshapes(graph)).toBe(graph);
  });
});

describe("all passes together", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("leave nothing constant to compute in a Langevin step of a leaky network", () => {
    const energy = (w: tf.Tensor2D[], x: tf.Tensor): tf.Tensor =>
      tf.sum(w.reduce((h: tf.Tensor, weight) => tf.leakyRelu(tf.matMul(h as tf.Tensor2D, weight), 0.2), x));
    const step = (w: tf.Tensor2D[], x: tf.Tensor, key: Key): tf.Tensor => {
      const slope = grad((at: tf.Tensor) => energy(w, at))(x);
      return tf.add(tf.sub(x, tf.mul(0.08, slope)), random.normal(key, x.shape, { sd: 0.4 }));
    };
    const steps = (w: tf.Tensor2D[], x: tf.Tensor, key: Key): tf.Tensor =>
      random.split(key, 3).reduce((at, child) => step(w, at, child), x);
    const weights = [tf.ones([4, 5]), tf.ones([5, 1])] as tf.Tensor2D[];
    const { graph } = record(steps, [weights, tf.ones([2, 4]), random.key(0)], {
      engine: "cpu",
      supports: () => true,
      alternatives: [],
    });
    const fixed = new Set(graph.constants.map(({ value }) => value.id));
    expect(graph.nodes.filter(({ inputs }) => inputs.every(({ id }) => fixed.has(id)))).toEqual([]);
    expect(kernelsOf(graph)).not.toContain("Reshape");
    expect(kernelsOf(graph).filter((kernel) => kernel === "BatchMatMul")).toHaveLength(3 * 4);
    expect(cleanUp(graph)).toEqual(graph);
  });
});
