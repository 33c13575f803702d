/**
 * The inputs of a program at a call: tensors of arguments, captured variables, and numbers drawn
 * from the keys among the arguments.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { hostDraw, type HostKey } from "@ergodic/tensor";
import { EngineError } from "../errors.js";
import type { TypedArray } from "../graph.js";
import type { RecordedCall } from "../recorder/record.js";

export type Feed = tf.Tensor | TypedArray;

/** The key of an argument, or a child of an earlier key in the list. */
type KeyStep = { readonly leaf: number } | { readonly parent: number; readonly index: number };

/** Plans the feeds of the graph's inputs. Each call then derives every needed key once. */
export function feedsOf({
  graph,
  variables,
}: Pick<RecordedCall, "graph" | "variables">): (leaves: readonly unknown[]) => Feed[] {
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
  return (leaves) => {
    const keys: HostKey[] = [];
    for (const step of steps) {
      keys.push("leaf" in step ? (leaves[step.leaf] as HostKey) : keys[step.parent]!.derive(step.index));
    }
    return sources.map((source) => {
      if (source.kind === "random") return hostDraw(keys[source.key]!, source.draw).values;
      if (source.kind === "variable")
        return alive(variables[source.index]!, "a variable that a compiled function captured");
      return alive(leaves[source.leaf] as tf.Tensor, `argument leaf ${source.leaf} of a compiled function`);
    });
  };
}

function alive(tensor: tf.Tensor, what: string): tf.Tensor {
  if (tensor.isDisposed) throw new EngineError(`${what} was disposed before the call.`);
  return tensor;
}
