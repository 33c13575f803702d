/**
 * Small functions as generated JavaScript.
 *
 * A runtime takes about ten microseconds to begin and end a program, and half a microsecond for each
 * of its operators. In that time generated code computes some thousand numbers.
 */
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedKernelError } from "../errors.js";
import type { Executor, Program } from "../executor.js";
import { explainFailure } from "../failure.js";
import { sizeOf, valuesOf, type Graph, type TensorSpec, type TypedArray } from "../graph.js";
import { readFeeds } from "../onnx/result-arrays.js";
import { multiplyAddsOf } from "../work.js";
import { costly } from "./expressions.js";
import { generate, supportsOnHost } from "./generate.js";
import { helpers } from "./helpers.js";
import { isPauseDue, pause } from "./pause.js";
import { asStored } from "./rounding.js";
import { programOf } from "./source.js";

/**
 * Most operations of a small function. At this bound code takes 4 to 12 µs, and ONNX Runtime 15 to
 * 50. At twice the bound some functions take as long either way.
 */
const MOST_OPERATIONS = 4096;

/**
 * Whether a function runs as generated code: there is code for its kernels, and its operations are
 * few. Each number that it reads, makes or returns is an operation. A value of a function such as
 * exp counts as ten, and an entry of a product by its multiply-adds.
 */
export function isSmall(graph: Graph): boolean {
  const values = valuesOf(graph);
  const size = (id: number): number => sizeOf(values.get(id)!.shape);
  let operations = [...graph.inputs.map(({ value }) => value.id), ...graph.outputs].reduce(
    (sum, id) => sum + size(id),
    0,
  );
  for (const node of graph.nodes) {
    if (operations > MOST_OPERATIONS || !supportsOnHost(node.kernel)) return false;
    const entries = [...node.inputs, ...node.outputs].map(({ id }) => size(id));
    operations += Math.max(multiplyAddsOf(node, values), Math.max(1, ...entries) * (costly.has(node.kernel) ? 10 : 1));
  }
  return operations <= MOST_OPERATIONS;
}

const arrayOf = (numbers: Float64Array, { dtype }: TensorSpec): TypedArray =>
  dtype === "float32"
    ? new Float32Array(numbers)
    : dtype === "int32"
      ? new Int32Array(numbers)
      : new Uint8Array(numbers);

/**
 * @throws UnsupportedKernelError for a use of a kernel without code.
 * @throws EvalError where the platform forbids generated code.
 */
function smallProgram(graph: Graph): Program {
  const { source, ...buffers } = generate(graph, asStored);
  const arrays = (list: readonly number[]): Float64Array[] => list.map((buffer) => source.bufferAt(buffer));
  const [inputs, outputs] = [arrays(buffers.inputs), arrays(buffers.outputs)];
  const run = programOf(source.text(), helpers);
  const values = valuesOf(graph);
  const specs = graph.outputs.map((id) => values.get(id)!);
  return {
    async run(feeds: readonly (tf.Tensor | TypedArray)[]) {
      const read = readFeeds(feeds);
      inputs.forEach((buffer, i) => buffer.set(read.numbers[i]!));
      read.end();
      try {
        run();
      } catch (error) {
        throw explainFailure(graph, error);
      }
      const results = specs.map((spec, i) => tf.tensor(arrayOf(outputs[i]!, spec), [...spec.shape], spec.dtype));
      if (isPauseDue()) await pause();
      return results;
    },
    async dispose() {},
  };
}

/** An executor that runs small functions as generated code, and all others as `executor` does. */
export function withSmallPrograms(executor: Executor): Executor {
  return {
    supports: executor.supports,
    async load(graph, options) {
      if (options?.smallAsCode === false || !isSmall(graph)) return executor.load(graph);
      try {
        return smallProgram(graph);
      } catch (error) {
        if (!(error instanceof UnsupportedKernelError || error instanceof EvalError)) throw error;
        return executor.load(graph);
      }
    },
  };
}
