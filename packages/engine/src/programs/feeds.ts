/**
 * The inputs of a program at a call: tensors of arguments, captured variables, and numbers drawn
 * from the keys among the arguments.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { hostDraws, type HostDraws, type HostKey } from "@ergodic/tensor";
import { EngineError } from "../errors.js";
import type { TypedArray } from "../graph.js";
import type { RecordedCall } from "../recorder/record.js";

export type Feed = tf.Tensor | TypedArray;

/** The key of an argument, or a child of an earlier key in the list. */
type KeyStep = { readonly leaf: number } | { readonly parent: number; readonly index: number };

/**
 * Runs a program on the feeds of a call with these leaves.
 *
 * @param readsShared whether the program takes arrays in memory that threads share. Default false.
 */
export type Fed = <T>(
  leaves: readonly unknown[],
  run: (feeds: readonly Feed[]) => Promise<T>,
  readsShared?: boolean,
) => Promise<T>;

/**
 * Plans the feeds of the graph's inputs. Each call then derives every needed key once.
 *
 * Drawn numbers fill the arrays of an earlier call, if it has ended: the operating system takes as
 * long to make the pages of new arrays as the numbers take. Arrays of one call lie one behind the
 * other, so that a program can read those of many steps as one tensor.
 */
export function fedWith({ graph, variables }: Pick<RecordedCall, "graph" | "variables">): Fed {
  const steps: KeyStep[] = [];
  const known = new Map<string, number>();
  const stepOf = (name: string, step: KeyStep): number => {
    const at = known.get(name) ?? steps.push(step) - 1;
    known.set(name, at);
    return at;
  };
  const sources = graph.inputs.map(({ source }) => {
    if (source.kind !== "random") return source;
    let name = String(source.leaf);
    let key = stepOf(name, { leaf: source.leaf });
    for (const index of source.path) {
      name += `/${index}`;
      key = stepOf(name, { parent: key, index });
    }
    return { kind: "random" as const, key, draw: source.draw };
  });
  const drawn = sources.filter((source) => source.kind === "random");
  const specs = drawn.map(({ draw }) => draw);
  let idle: HostDraws | undefined;
  return async (leaves, run, readsShared = false) => {
    const keys: HostKey[] = [];
    for (const step of steps) {
      keys.push("leaf" in step ? (leaves[step.leaf] as HostKey) : keys[step.parent]!.derive(step.index));
    }
    const draws = idle ?? hostDraws(specs, readsShared);
    idle = undefined;
    draws.fill(drawn.map(({ key }) => keys[key]!));
    let used = 0;
    const feeds: Feed[] = [];
    for (const source of sources) {
      if (source.kind === "random") feeds.push(draws.values[used++]!);
      else if (source.kind === "variable")
        feeds.push(alive(variables[source.index]!, "a variable that a compiled function captured"));
      else feeds.push(alive(leaves[source.leaf] as tf.Tensor, `argument leaf ${source.leaf} of a compiled function`));
    }
    try {
      return await run(feeds);
    } finally {
      idle = draws;
    }
  };
}

function alive(tensor: tf.Tensor, what: string): tf.Tensor {
  if (tensor.isDisposed) throw new EngineError(`${what} was disposed before the call.`);
  return tensor;
}
