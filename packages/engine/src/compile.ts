/**
 * `compile(fn)`: the function as one program per input signature.
 *
 * On an engine with an executor, `fn` is recorded once per signature and the program is kept; on any other engine `fn` simply runs.
 */
import * as tf from "@tensorflow/tfjs-core";
import { hostDraw, isKey, tree, ValidationError, type HostKey, type Key, type Tree } from "@ergodic/tensor";
import { eagerEngines, ensureEngine, type LoadedEngine } from "./engines.js";
import { EngineError } from "./errors.js";
import type { Program } from "./executor.js";
import type { GraphInput, TypedArray } from "./graph.js";
import { record, type RecordedCall } from "./recorder/record.js";
import { tidy } from "./tidy.js";

export interface Compiled<A extends unknown[], R> {
  (...args: A): Promise<R>;
  /** How many programs were recorded so far: one per engine and input signature. */
  readonly programs: number;
  /** Frees the programs. A later call records anew. */
  dispose(): Promise<void>;
}

interface Entry {
  readonly call: RecordedCall;
  readonly program: Program;
}

/**
 * Compiles a pure function of trees.
 *
 * Tensors in the arguments may change freely; keys are drawn from at every call, on the host, with the same numbers on every engine.
 * Numbers, strings and booleans are part of the signature: another value records another program, so a number that changes at every
 * step belongs in a tensor (`tf.scalar(rate)`).
 *
 * The caller owns the tensors of the result; arguments are never disposed. `fn` must not read values (`dataSync`), await, or keep state.
 *
 * @throws TraceError when `fn` reads a value; UnsupportedKernelError when the engine lacks one of its kernels (both at the first call).
 */
export function compile<A extends unknown[], R>(fn: (...args: A) => R): Compiled<A, R> {
  const entries = new Map<string, Promise<Entry>>();
  let programs = 0;

  const entryFor = (args: A, leaves: readonly unknown[], engine: LoadedEngine): Promise<Entry> => {
    const signature = signatureOf(args, leaves, engine);
    let entry = entries.get(signature);
    if (entry === undefined) {
      entry = build(args, engine);
      entries.set(signature, entry);
      entry.catch(() => entries.delete(signature));
    }
    return entry;
  };

  const build = async (args: A, engine: LoadedEngine): Promise<Entry> => {
    const executor = engine.executor!;
    const call = record(fn as (...args: never[]) => unknown, args, {
      engine: engine.name,
      supports: (kernel) => executor.supports(kernel),
      alternatives: eagerEngines,
    });
    programs += 1;
    return { call, program: await executor.load(call.graph) };
  };

  const compiled = async (...args: A): Promise<R> => {
    const engine = await ensureEngine();
    if (engine.executor === undefined) return runEagerly(fn, args);
    const { leaves } = tree.flatten(args as Tree<unknown>);
    const { call, program } = await entryFor(args, leaves, engine);
    const outputs = await program.run(call.graph.inputs.map((input) => feedOf(input, leaves)));
    return call.rebuild(outputs) as R;
  };

  return Object.defineProperty(
    Object.assign(compiled, {
      async dispose() {
        const pending = [...entries.values()];
        entries.clear();
        for (const entry of pending) await (await entry).program.dispose();
      },
    }),
    "programs",
    { get: () => programs },
  ) as Compiled<A, R>;
}

/** What a program depends on: the engine, the shape of the trees, shapes and types of tensors, and every plain value. */
function signatureOf(args: unknown[], leaves: readonly unknown[], engine: LoadedEngine): string {
  const paths = tree.paths(args as Tree<unknown>);
  const described = leaves.map((leaf, i) => {
    if (leaf instanceof tf.Tensor) return `${paths[i]}:${leaf.dtype}[${leaf.shape.join()}]`;
    if (isKey(leaf)) return `${paths[i]}:key`;
    if (leaf === null || ["number", "string", "boolean", "undefined"].includes(typeof leaf)) {
      return `${paths[i]}:${typeof leaf}=${String(leaf)}`;
    }
    throw new ValidationError(
      `argument ${paths[i]} of a compiled function is a ${typeof leaf}; expected tensors, keys, numbers, strings or booleans in plain ` +
        "arrays and objects. Capture anything else from the surrounding scope.",
    );
  });
  return `${engine.name}|${described.join("|")}`;
}

/** An argument's tensor, or this call's numbers for a draw. */
function feedOf({ source }: GraphInput, leaves: readonly unknown[]): tf.Tensor | TypedArray {
  if (source.kind === "argument") {
    const tensor = leaves[source.leaf] as tf.Tensor;
    if (tensor.isDisposed)
      throw new EngineError(`argument leaf ${source.leaf} of a compiled function was disposed before the call.`);
    return tensor;
  }
  const key = source.path.reduce<Key>((parent, index) => parent.derive(index), leaves[source.leaf] as Key);
  return hostDraw(key as HostKey, source.draw).values;
}

/** Runs `fn` at once; results that are arguments are cloned, so that the caller owns all it gets. */
function runEagerly<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
  return tidy(() => {
    const result = fn(...args);
    const taken = new Set<unknown>(tree.leaves(args as Tree<unknown>));
    return tree.map((leaf) => {
      if (!(leaf instanceof tf.Tensor) || !taken.has(leaf)) {
        taken.add(leaf);
        return leaf;
      }
      return tf.clone(leaf);
    }, result as Tree<unknown>) as R;
  });
}
