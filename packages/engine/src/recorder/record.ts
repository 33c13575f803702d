/** Records one call of a function, with every gradient taken inside it, as a graph. */
import * as tf from "@tensorflow/tfjs-core";
import { isKey, tree, type Tree } from "@ergodic/tensor";
import { onBackend } from "../backend.js";
import { TraceError } from "../errors.js";
import type { DType, Graph } from "../graph.js";
import { cleanUp } from "../passes/index.js";
import { purely } from "../purity.js";
import { withReplaced } from "../replaced.js";
import { recordingBackend, Recording, RECORDING_BACKEND, type RecordingBackend } from "./recording-backend.js";
import { RecordingKey } from "./recording-key.js";

export interface RecordOptions {
  /** Name of the engine that will run the graph, for messages. */
  readonly engine: string;
  /** Whether that engine has a lowering for a kernel. */
  readonly supports: (kernel: string) => boolean;
  /** Engines that run every kernel. */
  readonly alternatives: readonly string[];
}

/**
 * A recorded call. `rebuild` returns the result with outputs in the places of tensors and all other
 * values unchanged.
 */
export interface RecordedCall {
  readonly graph: Graph;
  /** Captured variables. Inputs of the graph refer to them by index. */
  readonly variables: readonly tf.Variable[];
  rebuild(outputs: readonly tf.Tensor[]): unknown;
}

type Recorded = (...args: never[]) => unknown;

/** Records `fn(...args)` and cleans up the graph. */
export function record(fn: Recorded, args: readonly unknown[], options: RecordOptions): RecordedCall {
  const call = trace(fn, args, options);
  return { ...call, graph: cleanUp(call.graph) };
}

/**
 * Runs `fn(...args)` on symbolic tensors and keys.
 *
 * Random numbers without a key, clocks and changes of variables are refused (`purity.ts`). The
 * recording is synchronous, so nothing else runs on TensorFlow.js in between. The previous backend
 * is restored, also when `fn` throws.
 */
export function trace(fn: Recorded, args: readonly unknown[], options: RecordOptions): RecordedCall {
  const backend = recordingBackend();
  if (backend.recording !== undefined) {
    throw new TraceError(
      "a compiled function called another compiled function; call the plain functions inside, and compile the outermost one only.",
    );
  }
  const recording = new Recording(options.engine, options.supports, options.alternatives);
  backend.recording = recording;
  // Nothing is computed, so TensorFlow.js has nothing to time or check.
  const unwatched = [
    { owner: tf.engine().state, name: "profiling", value: false },
    { owner: tf.env().getFlags(), name: "DEBUG", value: false },
  ];
  try {
    return onBackend(RECORDING_BACKEND, () => withReplaced(unwatched, run));
  } finally {
    backend.recording = undefined;
  }

  function run(): RecordedCall {
    tf.engine().startScope("record");
    try {
      const { leaves, structure } = tree.flatten(args as Tree<unknown>);
      const symbols = leaves.map((leaf, i) => {
        if (leaf instanceof tf.Tensor) {
          return backend.addInput({ shape: leaf.shape, dtype: leaf.dtype as DType }, { kind: "argument", leaf: i });
        }
        return isKey(leaf) ? new RecordingKey(backend, i) : leaf;
      });
      const result = purely(() => fn(...(tree.unflatten(structure, symbols) as never[])));
      if (result instanceof Promise) {
        // An unhandled rejection would end the process.
        result.catch(() => undefined);
        throw new TraceError(
          "a compiled function returned a promise; expected a plain function. Await before or after the call, not inside.",
        );
      }
      return describeResult(backend, recording, result);
    } finally {
      tf.engine().endScope();
    }
  }
}

/** The recording of a function that returned `result`. What is kept of it holds no recorded tensor. */
function describeResult(backend: RecordingBackend, recording: Recording, result: unknown): RecordedCall {
  const { leaves, structure } = tree.flatten(result as Tree<unknown>);
  const ids: number[] = [];
  const places = leaves.map((leaf) => {
    if (isKey(leaf)) throw new TraceError("a compiled function returned a key; derive keys outside and pass them in.");
    return leaf instanceof tf.Tensor ? { output: ids.push(backend.idIn(leaf)) - 1 } : { leaf };
  });
  const rebuild = (outputs: readonly tf.Tensor[]): unknown =>
    tree.unflatten(
      structure,
      places.map((place) => ("leaf" in place ? place.leaf : outputs[place.output]!)),
    );
  return { graph: recording.finish(ids), variables: recording.variables, rebuild };
}
