/**
 * The ONNX Runtime executor: a graph becomes one ONNX model, a program is one inference session.
 *
 * Tensors live on TensorFlow.js' plain CPU backend between calls, whose arrays are handed over without copies in both directions.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { Executor, Program } from "../executor.js";
import { explainFailure } from "../failure.js";
import { valuesOf, type Graph, type TensorSpec, type TypedArray } from "../graph.js";
import { provenBlock } from "./blocked/probe.js";
import { lowerings } from "./lowerings.js";
import { lowerToOnnx } from "./lower.js";
import { physicalCores } from "./cores.js";

type OnnxRuntime = typeof import("onnxruntime-node");

/** ONNX Runtime names the node that failed, and nodes are named after the graph's. */
async function explained<T>(graph: Graph, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainFailure(graph, error);
  }
}

class OnnxProgram implements Program {
  private readonly outputs: readonly TensorSpec[];

  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    private readonly graph: Graph,
  ) {
    const specs = valuesOf(graph);
    this.outputs = graph.outputs.map((id) => specs.get(id)!);
  }

  async run(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]> {
    const named = feeds.map((feed, i) => [`in${i}`, this.toOnnx(feed, this.graph.inputs[i]!.value)]);
    const results = await explained(this.graph, () => this.session.run(Object.fromEntries(named)));
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
 * Memory patterns, made for the calls after the first, cost more than they save here: with them the same programs take 10 to 30 %
 * longer and up to 60 MiB more.
 *
 * One pool thread a physical core. `force_spinning_stop` keeps the pools of several sessions from burning one another's time:
 * without it a process with many programs runs two to three times slower.
 */
const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  graphOptimizationLevel: "all",
  enableMemPattern: false,
  // Failures are thrown, so they need not be printed too.
  logSeverityLevel: 4,
  extra: { session: { force_spinning_stop: "1" } },
});

/** Loads ONNX Runtime. Rejects where the package `onnxruntime-node` or its library is missing. */
export async function createOnnxExecutor(): Promise<{ executor: Executor; description: string }> {
  const specifier = "onnxruntime-node";
  const imported = (await import(/* @vite-ignore */ specifier)) as OnnxRuntime & { default?: OnnxRuntime };
  const runtime = imported.default ?? imported;
  const threads = physicalCores();
  const sessionOf = (model: Uint8Array): Promise<InferenceSession> =>
    runtime.InferenceSession.create(model, sessionOptions(threads));
  const block = await provenBlock(async (model, feeds) => {
    const session = await sessionOf(model);
    try {
      const named = feeds.map(({ data, shape }, i) => [`in${i}`, new runtime.Tensor("float32", data, shape)]);
      return (await session.run(Object.fromEntries(named))) as Record<string, OnnxTensor>;
    } finally {
      await session.release();
    }
  });
  const layout = block === undefined ? "" : `, ${block} channels a block`;
  return {
    description: `ONNX Runtime ${runtime.env.versions.node ?? ""}`.trim() + ` (CPU, ${threads} threads${layout})`,
    executor: {
      supports: (kernel) => kernel in lowerings,
      async load(graph) {
        const model = lowerToOnnx(graph, block);
        return new OnnxProgram(runtime, await explained(graph, () => sessionOf(model)), graph);
      },
    },
  };
}
