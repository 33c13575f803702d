/**
 * The ONNX Runtime executor: a graph becomes one ONNX model, and a program is one inference
 * session.
 *
 * The plain CPU backend of TensorFlow.js holds tensors between calls. Its arrays are passed to the
 * runtime without copies.
 */
import * as tf from "@tensorflow/tfjs-core";
import { arrayForNormals, freeNow } from "@ergodic/tensor";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { Executor, Feed, Program } from "../executor.js";
import { explainFailure } from "../failure.js";
import { sizeOf, valuesOf, type Graph, type TensorSpec, type TypedArray } from "../graph.js";
import { isRange, type Numbers } from "../normal-range.js";
import { joinProducts } from "../passes/joined-products.js";
import type { LargeConstant } from "./builder.js";
import { runInto } from "./given-arrays.js";
import { inOne, modelInputs, type ModelInput } from "./joined-inputs.js";
import { lowerings } from "./lowerings.js";
import { lowerToOnnx } from "./lower.js";
import { readFeeds, ResultArrays, zeros } from "./result-arrays.js";
import type { OnnxRuntime } from "./runtime.js";
import { sharedLike } from "./shared-arrays.js";

export interface OnnxOptions {
  readonly session: InferenceSession.SessionOptions;
  /**
   * Most kernels of a graph that the runtime's own optimiser rewrites. Its passes take time that
   * grows faster than the graph, and find little that the lowering has left. Default: no limit.
   */
  readonly mostOptimised?: number;
  /**
   * Number of channels in a block of the fast convolutions, if these were proven to work. Default:
   * standard operators alone.
   */
  readonly block?: number | undefined;
  /**
   * The message of the error that ends a run into given arrays, if that was proven to work
   * (`given-arrays.ts`). Default: the runtime makes new arrays for all results.
   */
  readonly end?: string | undefined;
  /**
   * Whether the runtime is that of another thread (`thread.ts`). It takes arrays in memory that
   * threads share, and several arrays or ranges of draws as the numbers of one input. Default false.
   */
  readonly inThread?: boolean;
  /** Whether a graph gets loops and branches, which only some providers run well. */
  readonly structured?: boolean;
  /**
   * Whether large constants are given beside the model. The runtime copies those in a model twice.
   * Default false.
   */
  readonly externalConstants?: boolean;
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

/**
 * Results of fewer bytes in all are copied. That takes about as long as the error that prevents it,
 * and arrays of results are not used again where something has read them.
 */
const LARGE_RESULTS = 2 ** 20;

const bytesOf = (specs: readonly TensorSpec[]): number => specs.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);

/** Arrays that a run fills, used again by later runs. */
interface Workspace {
  /** By the names of inputs, where no array among the feeds can be given itself. */
  readonly copies: Record<string, TypedArray>;
  /** The results that `compute` reads. */
  results?: readonly TypedArray[];
}

class OnnxProgram implements Program {
  private readonly arrays: readonly ResultArrays[];
  private readonly idle: Workspace[] = [];

  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    private readonly graph: Graph,
    private readonly inputs: readonly ModelInput[],
    private readonly outputs: readonly TensorSpec[],
    private readonly inLine: NonNullable<OnnxOptions["inLine"]>,
    private readonly end: string | undefined,
    private readonly inThread: boolean,
  ) {
    this.arrays = outputs.map((spec) => new ResultArrays(spec));
  }

  async run(feeds: readonly Feed[]): Promise<tf.Tensor[]> {
    const reading = readFeeds(feeds);
    const space = this.idle.pop() ?? { copies: {} };
    try {
      const named = this.named(reading.numbers, space);
      if (this.end === undefined) {
        const results = await this.copied(named);
        return results.map((array, i) => tf.tensor(array, [...this.outputs[i]!.shape], this.outputs[i]!.dtype));
      }
      const arrays = this.arrays.map((one) => one.take());
      await this.given(named, arrays, this.end);
      return arrays.map((array, i) => this.arrays[i]!.tensor(array));
    } finally {
      reading.end();
      this.idle.push(space);
    }
  }

  async compute<T>(feeds: readonly Numbers[], use: (results: readonly TypedArray[]) => T): Promise<T> {
    const space = this.idle.pop() ?? { copies: {} };
    try {
      const named = this.named(feeds, space);
      if (this.end === undefined) return use(await this.copied(named));
      space.results ??= this.outputs.map((spec) => this.newArray(spec));
      await this.given(named, space.results, this.end);
      return use(space.results);
    } finally {
      this.idle.push(space);
    }
  }

  /** The results in new arrays. */
  private async copied(feeds: Record<string, OnnxTensor>): Promise<TypedArray[]> {
    const results = await explained(this.graph, () => this.inLine(() => this.session.run(feeds)));
    return this.outputs.map((_, i) => results[`out${i}`]!.data as TypedArray);
  }

  /** Writes the results to these arrays. */
  private async given(feeds: Record<string, OnnxTensor>, arrays: readonly TypedArray[], end: string): Promise<void> {
    const results: Record<string, OnnxTensor> = {};
    for (const [i, array] of arrays.entries()) results[`out${i}`] = this.tensor(array, this.outputs[i]!);
    await explained(this.graph, () => this.inLine(() => runInto(this.session, feeds, results, end)));
  }

  private named(feeds: readonly Numbers[], { copies }: Workspace): Record<string, OnnxTensor> {
    const named: Record<string, OnnxTensor> = {};
    for (const { name, spec, sources } of this.inputs) {
      const pieces: Numbers[] = [];
      for (const i of sources) pieces.push(feeds[i]!);
      const into = () => (copies[name] ??= isRange(pieces[0]!) ? arrayForNormals(sizeOf(spec.shape)) : zeros(spec));
      named[name] = this.tensor(this.inThread ? pieces : inOne(pieces, into), spec);
    }
    return named;
  }

  private newArray(spec: TensorSpec): TypedArray {
    return this.inThread ? sharedLike(zeros(spec)) : zeros(spec);
  }

  private tensor(data: TypedArray | readonly Numbers[], { shape, dtype }: TensorSpec): OnnxTensor {
    return new this.runtime.Tensor(dtype, data as never, [...shape]);
  }

  async dispose(): Promise<void> {
    await this.inLine(() => this.session.release());
  }
}

/** The executor of a loaded runtime. */
export function onnxExecutor(
  runtime: OnnxRuntime,
  {
    session,
    mostOptimised = Infinity,
    block,
    structured,
    externalConstants = false,
    end,
    inThread = false,
    inLine = (run) => run(),
  }: OnnxOptions,
): Executor {
  return {
    supports: (kernel) => kernel in lowerings,
    async load(recorded, { onlyComputed = false } = {}) {
      const graph = joinProducts(recorded);
      const specs = valuesOf(graph);
      const outputs = graph.outputs.map((id) => specs.get(id)!);
      const ownEnd = onlyComputed || bytesOf(outputs) >= LARGE_RESULTS ? end : undefined;
      const beside = externalConstants ? new Map<string, LargeConstant>() : undefined;
      const joined = new Map<string, readonly number[]>();
      const model = lowerToOnnx(graph, { block, structured, end: ownEnd !== undefined, beside, joined });
      const externalData = Array.from(beside ?? [], ([path, { bytes }]) => ({ path, data: bytes }));
      const level = graph.nodes.length > mostOptimised ? ({ graphOptimizationLevel: "disabled" } as const) : {};
      const options = { ...session, ...level, externalData };
      const loaded = await explained(graph, () => inLine(() => runtime.InferenceSession.create(model, options)));
      // The session has copies.
      freeNow([...(beside?.values() ?? [])].filter(({ own }) => own).map(({ bytes }) => bytes));
      return new OnnxProgram(runtime, loaded, graph, modelInputs(graph, joined), outputs, inLine, ownEnd, inThread);
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
