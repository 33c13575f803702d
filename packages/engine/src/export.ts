/** A function as a file that other runtimes can run: ONNX, or a SavedModel of TensorFlow. */
import type * as tf from "@tensorflow/tfjs-core";
import { tree, ValidationError, type Draw, type Tree } from "@ergodic/tensor";
import { universal, type EngineName } from "./engines/definitions.js";
import { EngineError } from "./errors.js";
import type { Constant, Graph, GraphInput } from "./graph.js";
import { numbersOf } from "./numbers.js";
import { lowerToOnnx } from "./onnx/lower.js";
import { lowerings as onnxLowerings } from "./onnx/lowerings.js";
import type { Port, Ports } from "./ports.js";
import { record, type RecordedCall } from "./recorder/record.js";
import { lowerToSavedModel } from "./tensorflow/lower.js";
import { lowerings as tensorFlowLowerings } from "./tensorflow/lowerings.js";

export interface ExportOptions {
  /** What each argument is called in the file. Default `input0`, `input1`, ... */
  readonly names?: readonly string[];
}

/** Names of values inside the file. */
const INNER = /^v\d+$/;

function argumentNames(count: number, names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) return Array.from({ length: count }, (_, i) => `input${i}`);
  const wrong = names.find((name, i) => name === "" || INNER.test(name) || names.indexOf(name) !== i);
  if (wrong !== undefined || names.length !== count) {
    throw new ValidationError(
      `names is [${names.map((name) => `"${name}"`).join(", ")}] for ${count} arguments; expected one name for each, all ` +
        `different, none empty or like "v0".`,
    );
  }
  return names;
}

const described = (draw: Draw): string => {
  switch (draw.kind) {
    case "normal":
      return `independent normal numbers, mean ${draw.mean}, standard deviation ${draw.sd}`;
    case "uniform":
      return `independent numbers, uniform from ${draw.low} to ${draw.high}`;
    case "bernoulli":
      return `independent, 1 with probability ${draw.probability}, else 0`;
    case "integers":
      return `independent whole numbers, equally likely, from ${draw.low} up to but not including ${draw.high}`;
    case "categorical":
      return `independent indices k with probability [${draw.probabilities.join(", ")}][k]`;
    case "permutation":
      return `a random order of the whole numbers from 0 to ${draw.shape[0] - 1}`;
  }
};

const join = (...parts: string[]): string => parts.filter((part) => part !== "").join(".");

/** `random.split` derives its keys from here on, `random.fold` before. */
const SPLIT = 2 ** 52;
const derivation = (index: number): string => (index < SPLIT ? `fold${index}` : `split${index - SPLIT}`);

/** An input of a file. Variables are none, for a file does not know when they are assigned. */
type FileInput = GraphInput & { readonly source: Exclude<GraphInput["source"], { kind: "variable" }> };
type FileGraph = Omit<Graph, "inputs"> & { readonly inputs: readonly FileInput[] };

/** The graph with the present values of captured variables as constants. */
function withStoredVariables({ graph, variables }: RecordedCall): FileGraph {
  const inputs: FileInput[] = [];
  const constants: Constant[] = [...graph.constants];
  for (const { value, source } of graph.inputs) {
    if (source.kind !== "variable") inputs.push({ value, source });
    else constants.push({ value, data: numbersOf(variables[source.index]!) });
  }
  return { ...graph, inputs, constants };
}

/** A draw is called by its key, how the key was derived, and what is drawn: `key.split0.normal`. */
const portOf = ({ source }: FileInput, leafPaths: readonly string[]): Port => {
  const path = leafPaths[source.leaf]!;
  if (source.kind === "argument") return { name: path };
  return { name: join(path, ...source.path.map(derivation), source.draw.kind), description: described(source.draw) };
};

/** Ports of the same name, such as draws of one kind from one key, are counted. */
function distinct(ports: readonly Port[]): Port[] {
  const seen = new Map<string, number>();
  return ports.map((port) => {
    const times = (seen.get(port.name) ?? 0) + 1;
    seen.set(port.name, times);
    return times === 1 ? port : { ...port, name: `${port.name}.${times}` };
  });
}

/** The function as a graph, for an engine that has these lowerings, and what its inputs and outputs are called. */
function recorded(
  fn: (...args: never[]) => unknown,
  exampleArgs: unknown[],
  { names }: ExportOptions,
  engine: EngineName,
  lowerings: object,
): { graph: Graph; ports: Ports } {
  const called = argumentNames(exampleArgs.length, names);
  const leafPaths = exampleArgs.flatMap((argument, i) => tree.paths(argument).map((path) => join(called[i]!, path)));
  const call = record(fn, exampleArgs, {
    engine,
    supports: (kernel) => kernel in lowerings,
    alternatives: universal,
  });
  const graph = withStoredVariables(call);
  if (graph.outputs.length === 0)
    throw new EngineError("the exported function returned no tensor; return what to compute.");
  // The result, with marks in place of its tensors, tells where each stands.
  const marks: unknown[] = graph.outputs.map(() => Symbol("tensor"));
  const result = call.rebuild(marks as tf.Tensor[]) as Tree<unknown>;
  const [leaves, places] = [tree.leaves(result), tree.paths(result)];
  const ports = distinct([
    ...graph.inputs.map((input) => portOf(input, leafPaths)),
    ...marks.map((mark) => ({ name: join("output", places[leaves.indexOf(mark)]!) })),
  ]);
  const count = graph.inputs.length;
  return { graph, ports: { inputs: ports.slice(0, count), outputs: ports.slice(count) } };
}

/**
 * The function, with every gradient taken inside it, as the bytes of an ONNX file of standard operators (opset 18).
 *
 * It is recorded with the example arguments, whose shapes, plain numbers and text the file then has for good; of tensors and keys
 * only the shapes matter. An argument's tensors become inputs named by their places, such as `params.layers.0.weight` for an
 * argument called `params`, and the tensors of the result become outputs named `output` or, in a tree, `output.<place>`. Tensors that
 * the function captures are stored in the file, and so are the present values of variables. A file draws no random numbers: for each
 * draw from a key there is an input that takes them, called by the key, its derivation and the kind (`key.normal`,
 * `key.split1.fold7.uniform`), whose description says what to draw.
 *
 * @param fn a plain function, not a compiled one.
 * @throws ValidationError for names that do not fit; TraceError and UnsupportedKernelError as `compile` does; EngineError when the
 *   result has no tensor.
 */
export function exportOnnx<A extends unknown[], R>(
  fn: (...args: A) => R,
  exampleArgs: A,
  options: ExportOptions = {},
): Uint8Array {
  const { graph, ports } = recorded(fn as (...args: never[]) => unknown, exampleArgs, options, "onnx", onnxLowerings);
  return lowerToOnnx(graph, undefined, ports);
}

/**
 * The same for TensorFlow: the bytes of `saved_model.pb`, which alone in a folder is a SavedModel.
 *
 * Its signature `serving_default` has the inputs and outputs that {@link exportOnnx} describes. A signature has no place for
 * descriptions: that of a draw is the attribute `_description` of its placeholder. It needs TensorFlow 2.9 or newer.
 *
 * @param fn a plain function, not a compiled one.
 * @throws ValidationError, TraceError, UnsupportedKernelError, EngineError as {@link exportOnnx} does.
 */
export function exportSavedModel<A extends unknown[], R>(
  fn: (...args: A) => R,
  exampleArgs: A,
  options: ExportOptions = {},
): Uint8Array {
  const plain = fn as (...args: never[]) => unknown;
  const { graph, ports } = recorded(plain, exampleArgs, options, "tensorflow", tensorFlowLowerings);
  return lowerToSavedModel(graph, ports);
}
