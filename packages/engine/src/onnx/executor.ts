/**
 * The ONNX Runtime executor: a graph becomes one ONNX model, a program is one inference session.
 *
 * Tensors live on TensorFlow.js' plain CPU backend between calls, whose arrays are handed over without copies in both directions.
 */
import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { Executor, Program } from "../executor.js";
import { valuesOf, type Graph, type TensorSpec, type TypedArray } from "../graph.js";
import { OnnxBuilder } from "./builder.js";
import { elementwise } from "./elementwise.js";
import { layout } from "./layout.js";
import type { Call, LoweringTable } from "./lowering.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";

type OnnxRuntime = typeof import("onnxruntime-node");

const lowerings: LoweringTable = { ...elementwise, ...reductions, ...layout, ...products };

/** The graph as an ONNX model of standard operators, with inputs `in0, in1, ...` and outputs `out0, out1, ...`. */
export function lowerToOnnx(graph: Graph): Uint8Array {
  const builder = new OnnxBuilder();
  const specs = valuesOf(graph);
  const names = new Map<number, string>();
  graph.inputs.forEach(({ value }, i) => {
    builder.input(`in${i}`, value);
    names.set(value.id, `in${i}`);
  });
  for (const { value, data } of graph.constants) names.set(value.id, builder.constant(value, data));
  for (const node of graph.nodes) {
    const idOf = (input: string): number => node.inputs.find(({ name }) => name === input)!.id;
    const call: Call = {
      builder,
      node,
      attrs: node.attrs,
      inputs: node.inputs.map(({ id }) => names.get(id)!),
      specs: node.inputs.map(({ id }) => specs.get(id)!),
      name: (input) => names.get(idOf(input))!,
      spec: (input) => specs.get(idOf(input))!,
      output: node.outputs[0]!,
    };
    [lowerings[node.kernel]!(call)].flat().forEach((name, i) => names.set(node.outputs[i]!.id, name));
  }
  graph.outputs.forEach((id, i) => builder.output(names.get(id)!, `out${i}`, specs.get(id)!));
  return builder.model();
}

class OnnxProgram implements Program {
  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    private readonly inputs: readonly TensorSpec[],
    private readonly outputs: readonly TensorSpec[],
  ) {}

  async run(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]> {
    const named = Object.fromEntries(feeds.map((feed, i) => [`in${i}`, this.toOnnx(feed, this.inputs[i]!)]));
    const results = await this.session.run(named);
    return this.outputs.map(({ shape, dtype }, i) =>
      tf.tensor(results[`out${i}`]!.data as TypedArray, [...shape], dtype),
    );
  }

  private toOnnx(feed: tf.Tensor | TypedArray, { shape, dtype }: TensorSpec): OnnxTensor {
    const data = feed instanceof tf.Tensor ? feed.dataSync() : feed;
    return new this.runtime.Tensor(dtype, data as never, [...shape]);
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

/**
 * One pool thread a core. `force_spinning_stop` keeps the pools of several sessions from burning one another's time:
 * without it a process with many programs runs two to three times slower.
 */
const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  graphOptimizationLevel: "all",
  logSeverityLevel: 3,
  extra: { session: { force_spinning_stop: "1" } },
});

/** Loads ONNX Runtime. Rejects where the package `onnxruntime-node` or its library is missing. */
export async function createOnnxExecutor(): Promise<{ executor: Executor; description: string }> {
  const specifier = "onnxruntime-node";
  const imported = (await import(/* @vite-ignore */ specifier)) as OnnxRuntime & { default?: OnnxRuntime };
  const runtime = imported.default ?? imported;
  const threads = availableParallelism();
  return {
    description: `ONNX Runtime ${runtime.env.versions.node ?? ""}`.trim() + ` (CPU, ${threads} threads)`,
    executor: {
      supports: (kernel) => kernel in lowerings,
      async load(graph) {
        const session = await runtime.InferenceSession.create(lowerToOnnx(graph), sessionOptions(threads));
        const specs = valuesOf(graph);
        const outputs = graph.outputs.map((id) => specs.get(id)!);
        return new OnnxProgram(
          runtime,
          session,
          graph.inputs.map(({ value }) => value),
          outputs,
        );
      },
    },
  };
}
