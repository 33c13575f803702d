/**
 * Tests whether this build of ONNX Runtime supports the blocked layout and computes correctly on
 * it.
 */
import type { Tensor } from "onnxruntime-node";
import type { Graph, GraphNode, Value } from "../../graph.js";
import { ONNX_TYPE, OnnxBuilder } from "../builder.js";
import { lowerToOnnx } from "../lower.js";

/** Runs a model once on feeds `in0, in1, ...`. */
export type RunOnce = (
  model: Uint8Array,
  feeds: readonly { readonly data: Float32Array; readonly shape: readonly number[] }[],
) => Promise<Readonly<Record<string, Tensor>>>;

/** With smaller blocks the vector units are too narrow to be worth the conversions. */
const SMALLEST_BLOCK = 8;

/** The number of channels in a block, found by reordering one pixel. */
async function blockSize(run: RunOnce): Promise<number> {
  const builder = new OnnxBuilder();
  const shape = [1, 4, 1, 1];
  builder.input("in0", { shape, dtype: "float32" });
  const reordered = builder.nchwc("ReorderInput", ["in0"]);
  const sizes = builder.op("Cast", [builder.op("Shape", [reordered])], { to: ONNX_TYPE.int32 });
  builder.output(sizes, "out0", { shape: [4], dtype: "int32" });
  const results = await run(builder.model(), [{ data: new Float32Array(4), shape }]);
  return (results["out0"]!.data as Int32Array)[1]!;
}

/** A convolution with stride 2, both of its gradients, and its result times numbers per channel. */
function problem(channels: number): { graph: Graph; feeds: { data: Float32Array; shape: number[] }[] } {
  const shapes = [
    [2, 5, 5, channels],
    [3, 3, channels, channels],
    [2, 3, 3, channels],
    [2, 1, 1, channels],
  ];
  const value = (id: number, shape: readonly number[]): Value => ({ id, shape, dtype: "float32" });
  const [x, filter, dy] = shapes as [number[], number[], number[]];
  const attrs = { strides: 2, pad: "same", dataFormat: "NHWC", dilations: 1 };
  const node = (kernel: string, names: [string, number][], output: Value, more = {}): GraphNode => ({
    kernel,
    inputs: names.map(([name, id]) => ({ name, id })),
    attrs: { ...attrs, ...more },
    outputs: [output],
  });
  const graph: Graph = {
    inputs: shapes.map((shape, leaf) => ({ value: value(leaf, shape), source: { kind: "argument", leaf } })),
    constants: [],
    nodes: [
      node("Conv2D", [["x", 0], ["filter", 1]], value(4, dy)), // prettier-ignore
      node("Conv2DBackpropInput", [["dy", 2], ["filter", 1]], value(5, x), { inputShape: x }), // prettier-ignore
      node("Conv2DBackpropFilter", [["x", 0], ["dy", 2]], value(6, filter), { filterShape: filter }), // prettier-ignore
      node("Multiply", [["a", 4], ["b", 3]], value(7, dy)), // prettier-ignore
    ],
    outputs: [4, 5, 6, 7],
  };
  // Small whole numbers, so that every order of addition gives the same sum.
  const feeds = shapes.map((shape, which) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return { data: Float32Array.from({ length: size }, (_, i) => ((i * 7 + which * 3) % 11) - 5), shape };
  });
  return { graph, feeds };
}

/**
 * The block size, if the results of the problem agree with standard operators. Otherwise
 * undefined.
 */
export async function provenBlock(run: RunOnce): Promise<number | undefined> {
  try {
    const block = await blockSize(run);
    if (!Number.isInteger(block) || block < SMALLEST_BLOCK) return undefined;
    const { graph, feeds } = problem(block + 4);
    const [expected, actual] = [await run(lowerToOnnx(graph), feeds), await run(lowerToOnnx(graph, { block }), feeds)];
    const equal = graph.outputs.every((_, i) => {
      const [a, b] = [expected, actual].map((results) => results[`out${i}`]!.data as Float32Array);
      return a!.length === b!.length && a!.every((number, at) => number === b![at]);
    });
    return equal ? block : undefined;
  } catch {
    // These operators are internal to ONNX Runtime. Other builds refuse the model.
    return undefined;
  }
}
