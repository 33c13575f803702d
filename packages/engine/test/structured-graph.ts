/**
 * Runs a function as a model with loops and branches, and as a flat one.
 *
 * ONNX Runtime fuses some operators, and not the same ones in both, so its optimiser is off here.
 */
import type * as tf from "@tensorflow/tfjs-core";
import ort from "onnxruntime-node";
import { expect } from "vitest";
import type { Graph } from "../src/graph.js";
import { lowerToOnnx } from "../src/onnx/lower.js";
import { lowerings } from "../src/onnx/lowerings.js";
import { cleanUp } from "../src/passes/index.js";
import { record } from "../src/recorder/record.js";
import { block } from "./run-once.js";

async function run(model: Uint8Array, feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
  try {
    return (await session.run(feeds)) as Record<string, ort.Tensor>;
  } finally {
    await session.release();
  }
}

/**
 * The graph of a function of tensors, after a check that both models have the same bits in every
 * layout.
 */
export async function structuredGraph(
  fn: (...xs: tf.Tensor[]) => readonly tf.Tensor[],
  xs: readonly tf.Tensor[],
): Promise<Graph> {
  const options = { engine: "onnx", supports: (kernel: string) => kernel in lowerings, alternatives: [] };
  const graph = cleanUp(record(fn as (...args: never[]) => unknown, xs, options).graph);
  const feeds = graph.inputs.map(({ value, source }, i) => {
    const data = xs[(source as { leaf: number }).leaf]!.dataSync() as Float32Array;
    return [`in${i}`, new ort.Tensor("float32", data, [...value.shape])] as const;
  });
  for (const channels of new Set([undefined, await block])) {
    const [flat, structured] = await Promise.all(
      [false, true].map((structured) =>
        run(lowerToOnnx(graph, { block: channels, structured }), Object.fromEntries(feeds)),
      ),
    );
    graph.outputs.forEach((_, i) => expect(structured![`out${i}`]!.data).toEqual(flat![`out${i}`]!.data));
  }
  return graph;
}
