/** Models hold each operator once, and only those that results need. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { grad } from "../src/index.js";
import { OnnxBuilder } from "../src/onnx/builder.js";
import { onnxExecutor } from "../src/onnx/executor.js";
import { lowerings } from "../src/onnx/lowerings.js";
import { named, needed, type OnnxNode } from "../src/onnx/operators.js";
import { record } from "../src/recorder/record.js";
import { block, runOnce } from "./run-once.js";

const spec = { shape: [2, 3], dtype: "float32" } as const;
const data = Float32Array.of(1, 2, 3, 4, 5, 6);

/** Makes a model of one input, runs it, and returns its results. */
async function resultsOf(make: (builder: OnnxBuilder) => readonly string[], shapes: readonly number[][]) {
  const builder = new OnnxBuilder(true);
  builder.input("in0", spec);
  make(builder).forEach((name, i) => builder.output(name, `out${i}`, { shape: shapes[i]!, dtype: "float32" }));
  const results = await runOnce(builder.model(), [{ data, shape: [2, 3] }]);
  return shapes.map((_, i) => results[`out${i}`]!);
}

const node = (opType: string, input: string[], output: string[]): OnnxNode => ({ opType, input, output });

describe("operators", () => {
  it("that no result needs are left out, also inside branches", () => {
    const inside = [node("Neg", ["a"], ["t"]), node("Exp", ["b"], ["unused"])];
    const branch = { ...node("If", ["c"], ["y"]), attribute: [{ g: { node: inside, output: [{ name: "t" }] } }] };
    const { nodes, used } = needed([node("Abs", ["x"], ["a"]), node("Abs", ["x"], ["b"]), branch], ["y"]);
    expect(nodes.map(({ opType, output }) => [opType, ...output])).toEqual([["Abs", "a"], ["If", "y"]]); // prettier-ignore
    expect(nodes[1]!.attribute).toEqual([{ g: { node: [inside[0]], output: [{ name: "t" }] } }]);
    expect([...used].sort()).toEqual(["a", "c", "t", "x", "y"]);
  });

  it("write results under their names, and copies of what has another one", () => {
    const sources = new Map([["out0", "a"], ["out1", "a"], ["out2", "x"]]); // prettier-ignore
    expect(named([node("Abs", ["x"], ["a"]), node("Neg", ["a"], ["b"])], sources)).toEqual([
      node("Abs", ["x"], ["out0"]),
      node("Neg", ["out0"], ["b"]),
      node("Identity", ["out0"], ["out1"]),
      node("Identity", ["x"], ["out2"]),
    ]);
  });
});

describe("a builder", () => {
  it("adds an operator once, unless it differs in an attribute", () => {
    const builder = new OnnxBuilder();
    const clip = (alpha: number): string => builder.op("LeakyRelu", ["x"], { alpha: { float: alpha } });
    expect(clip(0.5)).toBe(clip(0.5));
    expect(new Set([0, -0, Infinity, NaN, 0.5].map(clip)).size).toBe(5);
    expect(builder.op("Neg", ["x"])).not.toBe(builder.op("Neg", ["y"]));
  });

  it("makes a reshape of what was reshaped, or none", async () => {
    const [back, other] = await resultsOf(
      (builder) => {
        const column = builder.reshape("in0", [6, 1]);
        expect(builder.reshape(builder.reshape(column, [1, 6]), [2, 3])).toBe("in0");
        return [builder.reshape(column, [2, 3]), builder.reshape(builder.reshape(column, [1, 6]), [3, 2])];
      },
      [[2, 3], [3, 2]], // prettier-ignore
    );
    expect([back!.dims, other!.dims]).toEqual([[2, 3], [3, 2]]); // prettier-ignore
    for (const result of [back!, other!]) expect(result.data).toEqual(data);
  });

  it("does not read an operator of one branch in another", async () => {
    const [sum] = await resultsOf(
      (builder) => {
        const isTrue = builder.scalar(1, "bool");
        const twice = (): string[] => [builder.op("Add", ["in0", "in0"])];
        const [first] = builder.branch(isTrue, 1, twice, () => ["in0"]);
        const [second] = builder.branch(isTrue, 1, () => ["in0"], twice);
        return [builder.op("Add", [first!, second!])];
      },
      [[2, 3]],
    );
    expect(sum!.data).toEqual(data.map((x) => 3 * x));
  });
});

it("a network has the same gradients with the runtime's optimiser and without", async () => {
  const images = random.normal(random.key("images"), [2, 8, 8, 16]) as tf.Tensor4D;
  const filter = random.normal(random.key("filter"), [3, 3, 16, 32], { sd: 0.1 }) as tf.Tensor4D;
  const weights = random.normal(random.key("weights"), [512, 10], { sd: 0.1 }) as tf.Tensor2D;
  const loss = ([x, f, w]: tf.Tensor[]): tf.Scalar => {
    const hidden = tf.maxPool(tf.relu(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same")), 2, 2, "valid");
    return tf.mean(tf.square(tf.matMul(tf.reshape(hidden, [2, 512]), w as tf.Tensor2D)));
  };
  const args = [images, filter, weights];
  const { graph } = record((...xs: tf.Tensor[]) => grad(loss)(xs), args, {
    engine: "onnx",
    supports: (kernel) => kernel in lowerings,
    alternatives: [],
  });
  const feeds = graph.inputs.map(({ source }) => args[(source as { leaf: number }).leaf]!);
  const results = [];
  for (const mostOptimised of [0, Infinity]) {
    const executor = onnxExecutor(ort as never, { session: {}, mostOptimised, block: await block, structured: true });
    const program = await executor.load(graph);
    results.push(await program.run(feeds));
    await program.dispose();
  }
  const [without, withIt] = results as [tf.Tensor[], tf.Tensor[]];
  expect(without.length).toBe(3);
  without.forEach((one, i) => {
    const size = tf.max(tf.abs(withIt[i]!)).dataSync()[0]!;
    expect(size).toBeGreaterThan(0);
    expect(tf.max(tf.abs(tf.sub(one, withIt[i]!))).dataSync()[0]!).toBeLessThan(1e-5 * size);
  });
});
