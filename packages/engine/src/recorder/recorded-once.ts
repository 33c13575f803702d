/** Functions whose kernels are recorded once, and repeated where a recording calls them again. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type Structure, type TensorTree } from "@ergodic/tensor";
import { specOf, valuesOf, type DType, type Graph, type GraphNode, type Value } from "../graph.js";
import { removeDeadCode } from "../passes/dead-code.js";
import { cleanUp } from "../passes/index.js";
import { renameInputs } from "../passes/rewrite.js";
import { currentRecording, recordingBackend, type Recording, type RecordingBackend } from "./recording-backend.js";

/** The kernels of a function, for arguments of certain shapes. */
interface Template {
  /** The values that stand for the arguments. */
  readonly parameters: readonly Value[];
  readonly nodes: readonly GraphNode[];
  readonly results: readonly Value[];
  readonly structure: Structure;
}

/** Types and shapes of values, and which of them are the same value. */
const signatureOf = (values: readonly Value[]): string =>
  values.map((value) => `${specOf(value)} ${values.findIndex(({ id }) => id === value.id)}`).join();

const valueOf = (backend: RecordingBackend, tensor: tf.Tensor): Value => ({
  id: backend.idIn(tensor),
  shape: [...tensor.shape],
  dtype: tensor.dtype as DType,
});

/** Whether a template is being recorded. Functions inside it may read values that it alone has. */
let isRecording = false;

/**
 * The function, recorded once for all arguments of the same shapes in a recording. For others the
 * kernels of that call are repeated, which takes a fraction of the time.
 *
 * Outside recordings and inside gradients every call is one of `fn`.
 *
 * @param fn a pure function of its argument and of what it captures: a repetition does not see what
 *   its JavaScript would do differently at a later call
 * @returns a function with the same results as `fn`, bit for bit
 */
export function recordedOnce<A extends TensorTree, R extends TensorTree>(fn: (argument: A) => R): (argument: A) => R {
  const templates = new WeakMap<Recording, Map<string, Template>>();
  return (argument) => {
    const recording = currentRecording();
    if (recording === undefined || isRecording || tf.engine().state.gradientDepth > 0) return fn(argument);
    const backend = recordingBackend();
    const { leaves, structure } = tree.flatten(argument);
    const values = leaves.map((leaf) => valueOf(backend, leaf));
    const known = templates.get(recording) ?? new Map<string, Template>();
    templates.set(recording, known);
    const key = `${JSON.stringify(structure)} ${signatureOf(values)}`;
    const template = known.get(key) ?? templateOf(fn, backend, recording, values, structure);
    known.set(key, template);
    return repeated(backend, recording, template, values) as R;
  };
}

/** Records `fn` for symbols like `values`, and takes its kernels out of the recording. */
function templateOf<A extends TensorTree>(
  fn: (argument: A) => TensorTree,
  backend: RecordingBackend,
  recording: Recording,
  values: readonly Value[],
  structure: Structure,
): Template {
  // Equal arguments stay equal, as in the calls that the template is for.
  const symbols = new Map<number, Value>();
  for (const value of values) if (!symbols.has(value.id)) symbols.set(value.id, recording.newValue(value));
  const parameters = values.map(({ id }) => symbols.get(id)!);
  const start = recording.nodes.length;
  isRecording = true;
  try {
    const argument = tree.unflatten(structure, parameters.map(backend.symbol)) as A;
    const result = tree.flatten(fn(argument));
    const results = result.leaves.map((leaf) => valueOf(backend, leaf));
    const nodes = recording.nodes.splice(start);
    return { parameters, structure: result.structure, ...cleaned(recording, nodes, parameters, results) };
  } finally {
    isRecording = false;
  }
}

/**
 * The nodes, cleaned up once for all repetitions. What does not depend on the parameters becomes
 * part of the recording.
 */
function cleaned(
  recording: Recording,
  nodes: readonly GraphNode[],
  parameters: readonly Value[],
  results: readonly Value[],
): Pick<Template, "nodes" | "results"> {
  const graph = cleanUp(within(recording, nodes, parameters, results));
  const names = new Map<number, number>();
  const current = (id: number): number => names.get(id) ?? id;
  const named = (value: Value): Value => {
    const own = recording.newValue(value);
    names.set(value.id, own.id);
    return own;
  };
  const before = new Set(recording.constants.map(({ value }) => value.id));
  for (const { value, data } of graph.constants) {
    if (!before.has(value.id)) recording.constants.push({ value: named(value), data });
  }
  const dependent = new Set(parameters.map(({ id }) => id));
  const own: GraphNode[] = [];
  for (const node of mostNeededFirst(graph)) {
    if (node.inputs.some(({ id }) => dependent.has(id))) {
      for (const { id } of node.outputs) dependent.add(id);
      own.push(renameInputs(node, current));
    } else {
      recording.nodes.push({ ...renameInputs(node, current), outputs: node.outputs.map(named) });
    }
  }
  return { nodes: own, results: results.map((value, i) => ({ ...value, id: current(graph.outputs[i]!) })) };
}

/**
 * The nodes of a graph: those first that the output with most nodes needs. Where a repetition lacks
 * the other outputs, it is then still like the beginning of one that has them.
 */
function mostNeededFirst(graph: Graph): GraphNode[] {
  const parts = [...new Set(graph.outputs)].map((id) => removeDeadCode({ ...graph, outputs: [id] }).nodes);
  return [...new Set(parts.sort((a, b) => b.length - a.length).flat())];
}

/** The nodes as a graph of its own. What they read of the recording are inputs and constants. */
function within(
  recording: Recording,
  nodes: readonly GraphNode[],
  parameters: readonly Value[],
  results: readonly Value[],
): Graph {
  const outputs = results.map(({ id }) => id);
  const read = new Set([...outputs, ...nodes.flatMap(({ inputs }) => inputs.map(({ id }) => id))]);
  for (const node of nodes) for (const { id } of node.outputs) read.delete(id);
  const constants = recording.constants.filter(({ value }) => read.has(value.id));
  for (const { value } of constants) read.delete(value.id);
  const outside = valuesOf(recording.finish([]));
  for (const value of parameters) outside.set(value.id, value);
  const inputs = Array.from(read, (id) => ({
    value: outside.get(id)!,
    source: { kind: "argument", leaf: id } as const,
  }));
  return { inputs, constants, nodes, outputs };
}

/** The results for other arguments, by the nodes of the template under new names. */
function repeated(
  backend: RecordingBackend,
  recording: Recording,
  { parameters, nodes, results, structure }: Template,
  values: readonly Value[],
): TensorTree {
  const names = new Map(parameters.map(({ id }, i) => [id, values[i]!.id]));
  const current = (id: number): number => names.get(id) ?? id;
  for (const node of nodes) {
    const outputs = node.outputs.map((value) => recording.newValue(value));
    recording.nodes.push({ ...renameInputs(node, current), outputs });
    outputs.forEach(({ id }, i) => names.set(node.outputs[i]!.id, id));
  }
  return tree.unflatten(
    structure,
    results.map((value) => backend.symbol({ ...value, id: current(value.id) })),
  );
}
