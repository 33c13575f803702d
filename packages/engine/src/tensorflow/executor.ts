/**
 * The TensorFlow executor: a graph becomes one SavedModel, and a program is one session of the
 * native library.
 *
 * The plain CPU backend of TensorFlow.js holds tensors between calls. TensorFlow always passes a
 * program's tensors through host memory, so keeping them elsewhere gains nothing.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { EngineParts } from "../engines/engine.js";
import { onceInProcess } from "../engines/once-in-process.js";
import type { Executor, Program } from "../executor.js";
import { explainFailure } from "../failure.js";
import { valuesOf, type Graph, type TensorSpec, type TypedArray } from "../graph.js";
import { numbersOf } from "../numbers.js";
import { BINDING_TYPE, findBinding, type Binding } from "./binding.js";
import { joinProducts } from "../passes/joined-products.js";
import { hasCollectives, withInstances } from "./collectives.js";
import { lowerToSavedModel, withNodeNames } from "./lower.js";
import { lowerings } from "./lowerings.js";
import { TAG } from "./protocol.js";
import { runningServer } from "./server.js";
import { clusterSessionOptions, sessionOptions, tellingOptions } from "./session-options.js";

// Resolved when this file is loaded, which never happens in a page, so that bundlers ignore them.
const { mkdtemp, rm, writeFile } = process.getBuiltinModule("node:fs/promises");
const { tmpdir } = process.getBuiltinModule("node:os");
const { join } = process.getBuiltinModule("node:path");

const names = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}:0`).join(",");

/**
 * The library names the node that it refuses or that failed. Nodes are named after those of the
 * graph.
 */
const explained = (graph: Graph, error: Error): Error =>
  explainFailure(graph, new Error(withNodeNames(error.message), { cause: error }));

class TensorFlowProgram implements Program {
  private readonly inputs: readonly TensorSpec[];
  private readonly outputs: readonly TensorSpec[];
  private readonly inputNames: string;
  private readonly outputNames: string;

  constructor(
    private readonly binding: Binding,
    private readonly model: number,
    private readonly graph: Graph,
  ) {
    const specs = valuesOf(graph);
    this.inputs = graph.inputs.map(({ value }) => value);
    this.outputs = graph.outputs.map((id) => specs.get(id)!);
    this.inputNames = names("in", this.inputs.length);
    this.outputNames = names("out", this.outputs.length);
  }

  async run(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]> {
    const handles: number[] = [];
    try {
      for (const [i, feed] of feeds.entries()) handles.push(this.give(feed, this.inputs[i]!));
      const results = this.outputs.length === 0 ? [] : await this.runModel(handles);
      handles.push(...results);
      return this.outputs.map(({ shape, dtype }, i) =>
        tf.tensor(this.binding.tensorDataSync(results[i]!), [...shape], dtype),
      );
    } finally {
      for (const handle of handles) this.binding.deleteTensor(handle);
    }
  }

  private give(feed: tf.Tensor | TypedArray, { shape, dtype }: TensorSpec): number {
    const data = feed instanceof tf.Tensor ? numbersOf(feed) : feed;
    return this.binding.createTensor(shape, BINDING_TYPE[dtype], data);
  }

  private async runModel(handles: readonly number[]): Promise<number[]> {
    try {
      return this.runOn(this.model, handles);
    } catch (error) {
      // Other workers would not repeat a run together with this one.
      const telling = hasCollectives(this.graph) ? undefined : await this.failureOf(handles);
      throw explained(this.graph, telling ?? (error as Error));
    }
  }

  private runOn(model: number, handles: readonly number[]): number[] {
    const results = this.binding.runSavedModel(model, [...handles], this.inputNames, this.outputNames);
    return results.map(({ id }) => id);
  }

  /** Repeats the run in a session whose errors name the operation, and returns the error. */
  private async failureOf(handles: readonly number[]): Promise<Error | undefined> {
    const model = await loadModel(this.binding, this.graph, tellingOptions);
    try {
      for (const result of this.runOn(model, handles)) this.binding.deleteTensor(result);
      return undefined;
    } catch (error) {
      return error as Error;
    } finally {
      this.binding.deleteSavedModel(model);
    }
  }

  async dispose(): Promise<void> {
    this.binding.deleteSavedModel(this.model);
  }
}

/**
 * Loads the graph as a model. The library reads models from folders only.
 *
 * Addons built by `ergodic engine add` read session options from the folder; others ignore them.
 */
async function loadModel(
  binding: Binding,
  graph: Graph,
  options = sessionOptions(graph, binding.isUsingGpuDevice()),
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "ergodic-"));
  try {
    await writeFile(join(folder, "saved_model.pb"), lowerToSavedModel(graph));
    const server = hasCollectives(graph) ? runningServer() : undefined;
    await writeFile(
      join(folder, "session_options.pb"),
      server === undefined ? options : clusterSessionOptions(server.options, binding.isUsingGpuDevice()),
    );
    if (server !== undefined) await writeFile(join(folder, "session_target"), server.target);
    return binding.loadSavedModel(folder, TAG);
  } catch (error) {
    throw explained(graph, error as Error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The executor of a loaded library. */
export const tensorFlowExecutor = (binding: Binding): Executor => ({
  supports: (kernel) => kernel in lowerings,
  async load(recorded) {
    const graph = withInstances(joinProducts(recorded));
    return new TensorFlowProgram(binding, await loadModel(binding, graph), graph);
  },
});

const processorOf = (binding: Binding): "gpu" | "cpu" => (binding.isUsingGpuDevice() ? "gpu" : "cpu");

export const describeBinding = (binding: Binding): string =>
  `TensorFlow ${binding.TF_Version} (${processorOf(binding).toUpperCase()})`;

const checkOptions = onceInProcess("tensorflow");

/** Loads the native library. Rejects with the reason if none loads. */
export async function createTensorFlowExecutor(
  threads?: number,
): Promise<Pick<EngineParts, "executor" | "description" | "processor">> {
  checkOptions({ threads });
  // The library reads this variable when it creates the threads that all of its sessions share.
  if (threads !== undefined) process.env["TF_NUM_INTRAOP_THREADS"] = String(threads);
  const binding = findBinding();
  return {
    executor: tensorFlowExecutor(binding),
    description: describeBinding(binding),
    processor: processorOf(binding),
  };
}
