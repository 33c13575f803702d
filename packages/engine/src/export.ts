/**
 * Exports a function to a file that other runtimes can run: ONNX, or a SavedModel of TensorFlow.
 */
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
  /** Name of each argument in the file. Default `input0`, `input1`, ... */
  readonly names?: readonly string[];
}

/** Names that the lowerings give to values inside the file. */
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

/** `random.split` derives keys with indices from here on, `random.fold` with smaller ones. */
const SPLIT = 2 ** 52;
const derivation = (index: number): string => (index < SPLIT ? `fold${index}` : `split${index - SPLIT}`);

/**
 * An input of a file. A file cannot see when variables are assigned, so variables are no inputs.
 */
type FileInput = GraphInput & { readonly source: Exclude<GraphInput["source"], { kind: "variable" }> };
type FileGraph = Omit<Graph, "inputs"> & { readonly inputs: readonly FileInput[] };

/** The graph with the current values of captured variables as constants. */
function withStoredVariables({ graph, variables }: RecordedCall): FileGraph {
  const inputs: FileInput[] = [];
  const constants: Constant[] = [...graph.constants];
  for (const { value, source } of graph.inputs) {
    if (source.kind !== "variable") inputs.push({ value, source });
    else constants.push({ value, data: numbersOf(variables[source.index]!) });
  }
  return { ...graph, inputs, constants };
}

/** The name of a draw holds the key, its derivation and the kind of draw: `key.split0.normal`. */
const portOf = ({ source }: FileInput, leafPaths: readonly string[]): Port => {
  const path = leafPaths[source.leaf]!;
  if (source.kind === "argument") return { name: path };
  return { name: join(path, ...source.path.map(derivation), source.draw.kind), description: described(source.draw) };
};

/** Numbers ports of the same name, such as draws of one kind from one key. */
function distinct(ports: readonly Port[]): Port[] {
  const seen = new Map<string, number>();
  return ports.map((port) => {
    const times = (seen.get(port.name) ?? 0) + 1;
    seen.set(port.name, times);
    return times === 1 ? port : { ...port, name: `${port.name}.${times}` };
  });
}

/** Records the function for an engine with these lowerings and names its inputs and outputs. */
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
  // The result with marks instead of tensors shows the place of each tensor.
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
 * The function, with every gradient taken inside it, as an ONNX file of standard operators (opset
 * 18).
 *
 * The function is recorded with the example arguments:
 *
 * - Of tensors and keys, only the shapes matter. Plain numbers and text are fixed in the file.
 * - The tensors of an argument become inputs named by their paths, such as `params.layers.0.weight`
 *   for an argument called `params`.
 * - The tensors of the result become outputs named `output` or, in a tree, `output.<path>`.
 * - Captured tensors and the current values of captured variables are stored in the file.
 * - A file draws no random numbers. Each draw from a key becomes an input that takes the drawn
 *   numbers. Its name holds the key, its derivation and the kind of draw (`key.normal`,
 *   `key.split1.fold7.uniform`); its description says what to draw.
 *
 * @param fn a plain function, not a compiled one.
 * @returns the bytes of the file.
 * @throws ValidationError for names that do not fit.
 * @throws TraceError and UnsupportedKernelError as `compile` does.
 * @throws EngineError when the result has no tensor.
 */
export function exportOnnx<A extends unknown[], R>(
  fn: (...args: A) => R,
  exampleArgs: A,
  options: ExportOptions = {},
): Uint8Array {
  const { graph, ports } = recorded(fn as (...args: never[]) => unknown, exampleArgs, options, "onnx", onnxLowerings);
  return lowerToOnnx(graph, { ports });
}

/**
 * The function as a SavedModel of TensorFlow: the bytes of `saved_model.pb`.
 *
 * A folder with this file alone is a complete SavedModel. Its signature `serving_default` has the
 * inputs and outputs that {@link exportOnnx} describes. A signature has no descriptions, so the
 * description of a draw is the attribute `_description` of its placeholder. The file needs
 * TensorFlow 2.9 or newer.
 *
 * @param fn a plain function, not a compiled one.
 * @throws ValidationError, TraceError, UnsupportedKernelError, EngineError as {@link exportOnnx}
 *   does.
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
