/**
 * The ONNX Runtime executor: a graph becomes one ONNX model, and a program is one inference
 * session.
 *
 * The plain CPU backend of TensorFlow.js holds tensors between calls. Its arrays are passed in both
 * directions without copies.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { Executor, Program } from "../executor.js";
import { explainFailure } from "../failure.js";
import { valuesOf, type Graph, type TensorSpec, type TypedArray } from "../graph.js";
import { numbersOf } from "../numbers.js";
import { joinProducts } from "../passes/joined-products.js";
import { lowerings } from "./lowerings.js";
import { lowerToOnnx } from "./lower.js";

/** The common API of the packages for Node and for browsers. */
export type OnnxRuntime = Pick<typeof import("onnxruntime-node"), "InferenceSession" | "Tensor" | "env">;

export interface OnnxOptions {
  readonly session: InferenceSession.SessionOptions;
  /**
   * Number of channels in a block of the fast convolutions, if these were proven to work. Default:
   * standard operators alone.
   */
  readonly block?: number | undefined;
  /** Whether a graph gets loops and branches, which only some providers run well. */
  readonly structured?: boolean;
  /**
   * Serialises the runs of all sessions, for runtimes that run one at a time. Default: runs
   * overlap.
   */
  readonly inLine?: <T>(run: () => Promise<T>) => Promise<T>;
}

/** ONNX Runtime names the failed node, and nodes are named after those of the graph. */
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
    private readonly inLine: NonNullable<OnnxOptions["inLine"]>,
  ) {
    const specs = valuesOf(graph);
    this.outputs = graph.outputs.map((id) => specs.get(id)!);
  }

  async run(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]> {
    const named = Object.fromEntries(
      feeds.map((feed, i) => [`in${i}`, this.toOnnx(feed, this.graph.inputs[i]!.value)]),
    );
    const results = await explained(this.graph, () => this.inLine(() => this.session.run(named)));
    return this.outputs.map(({ shape, dtype }, i) =>
      tf.tensor(results[`out${i}`]!.data as TypedArray, [...shape], dtype),
    );
  }

  private toOnnx(feed: tf.Tensor | TypedArray, { shape, dtype }: TensorSpec): OnnxTensor {
    const data = feed instanceof tf.Tensor ? numbersOf(feed) : feed;
    return new this.runtime.Tensor(dtype, data as never, [...shape]);
  }

  async dispose(): Promise<void> {
    await this.inLine(() => this.session.release());
  }
}

/** The executor of a loaded runtime. */
export function onnxExecutor(
  runtime: OnnxRuntime,
  { session, block, structured, inLine = (run) => run() }: OnnxOptions,
): Executor {
  return {
    supports: (kernel) => kernel in lowerings,
    async load(recorded) {
      const graph = joinProducts(recorded);
      const model = lowerToOnnx(graph, { block, structured });
      const loaded = await explained(graph, () => inLine(() => runtime.InferenceSession.create(model, session)));
      return new OnnxProgram(runtime, loaded, graph, inLine);
    },
  };
}

export const counted = (threads: number): string => `${threads} ${threads === 1 ? "thread" : "threads"}`;

/** Failures are thrown, so they are not logged too. */
export const quiet = { graphOptimizationLevel: "all", logSeverityLevel: 4 } as const;

/** Checks whether a provider works, by loading and running a model of one addition. */
export async function proveProvider(executor: Executor): Promise<void> {
  const value = (id: number) => ({ id, shape: [2], dtype: "float32" as const });
  const program = await executor.load({
    inputs: [0, 1].map((leaf) => ({ value: value(leaf), source: { kind: "argument", leaf } })),
    constants: [],
    nodes: [
      {
        kernel: "Add",
        inputs: [
          { name: "a", id: 0 },
          { name: "b", id: 1 },
        ],
        attrs: {},
        outputs: [value(2)],
      },
    ],
    outputs: [2],
  });
  try {
    const [sum] = await program.run([Float32Array.of(1, 2), Float32Array.of(3, 5)]);
    const numbers = await sum!.data();
    sum!.dispose();
    if (numbers[0] !== 4 || numbers[1] !== 7) throw new Error(`it adds 1 and 3, 2 and 5 to ${numbers.join(" and ")}.`);
  } finally {
    await program.dispose();
  }
}

/** Serialises runs: each starts after the previous one has ended. */
export function line(): NonNullable<OnnxOptions["inLine"]> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
}
