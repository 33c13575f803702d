/**
 * The replay executor: runs a recorded graph on a TensorFlow.js backend, kernel by kernel.
 *
 * Compared with running the function itself, a replay
 *
 * - has no tape and no scopes,
 * - omits the work that the passes removed,
 * - frees every intermediate value after its last read.
 *
 * The kernels are the same. On the plain CPU backend the results are equal, bit for bit.
 */
import * as tf from "@tensorflow/tfjs-core";
import { onBackend } from "../backend.js";
import { EngineError } from "../errors.js";
import type { Executor, Program } from "../executor.js";
import { explainFailure, nodeName } from "../failure.js";
import type { Graph, GraphNode, TypedArray } from "../graph.js";
import { kernelsOf, type Kernels } from "./kernels.js";

type Tensors = Map<number, tf.TensorInfo>;

/** For each node, the values that are not needed after it has run. */
function lastReads(graph: Graph): number[][] {
  const needed = new Set(graph.outputs);
  const finished = graph.nodes.map((): number[] => []);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = graph.nodes[i]!;
    for (const { id } of [...outputs, ...inputs]) {
      if (needed.has(id)) continue;
      needed.add(id);
      finished[i]!.push(id);
    }
  }
  return finished;
}

class ReplayProgram implements Program {
  private readonly constants: Tensors;
  private readonly finished: readonly (readonly number[])[];

  constructor(
    private readonly kernels: Kernels,
    private readonly backend: string,
    private readonly graph: Graph,
  ) {
    this.finished = lastReads(graph);
    this.constants = new Map(graph.constants.map(({ value, data }) => [value.id, kernels.write(data, value)]));
  }

  async run(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]> {
    return onBackend(this.backend, () => this.runNow(feeds));
  }

  private runNow(feeds: readonly (tf.Tensor | TypedArray)[]): tf.Tensor[] {
    const given: Tensors = new Map();
    const owned: Tensors = new Map();
    const tensorOf = (id: number): tf.TensorInfo => owned.get(id) ?? given.get(id) ?? this.constants.get(id)!;
    try {
      this.graph.inputs.forEach(({ value }, i) => {
        const feed = feeds[i]!;
        if (feed instanceof tf.Tensor) given.set(value.id, feed);
        else owned.set(value.id, this.kernels.write(feed.slice(), value)); // A result may share it.
      });
      this.graph.nodes.forEach((node, i) => {
        const inputs = node.inputs.map(({ id }) => tensorOf(id));
        this.runKernel(node, i, inputs).forEach((output, k) => owned.set(node.outputs[k]!.id, output));
        for (const id of this.finished[i]!) {
          const tensor = owned.get(id);
          if (tensor !== undefined) this.kernels.dispose(tensor);
          owned.delete(id);
        }
      });
      const results = this.graph.outputs.map((id, i) => {
        const own = owned.get(id);
        const isFirst = this.graph.outputs.indexOf(id) === i;
        return own !== undefined && isFirst ? own : this.kernels.share(tensorOf(id));
      });
      owned.clear();
      return results.map((result) => this.kernels.publish(result));
    } finally {
      for (const tensor of owned.values()) this.kernels.dispose(tensor);
    }
  }

  private runKernel(node: GraphNode, index: number, inputs: readonly tf.TensorInfo[]): tf.TensorInfo[] {
    try {
      return this.kernels.run(node, inputs);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw explainFailure(this.graph, new Error(`${nodeName(node, index)}: ${message}`, { cause: error }));
    }
  }

  async dispose(): Promise<void> {
    for (const tensor of this.constants.values()) this.kernels.dispose(tensor);
    this.constants.clear();
  }
}

/** The executor of a loaded TensorFlow.js backend. */
export function replayExecutor(backend: string): Executor {
  const kernels = kernelsOf(backend);
  if (kernels === undefined) throw new EngineError(`the backend "${backend}" is not loaded; call useEngine() first.`);
  return {
    supports: (kernel) => kernels.has(kernel),
    load: async (graph) => new ReplayProgram(kernels, backend, graph),
  };
}
