/** What a program's inputs get at a call: arguments' tensors, and the numbers that keys among the arguments stand for. */
import type * as tf from "@tensorflow/tfjs-core";
import { hostDraw, type HostKey } from "@ergodic/tensor";
import { EngineError } from "../errors.js";
import type { GraphInput, TypedArray } from "../graph.js";

export type Feed = tf.Tensor | TypedArray;

/** The key of an argument, or a child of an earlier key in the list. */
type KeyStep = { readonly leaf: number } | { readonly parent: number; readonly index: number };

/** Works out how to feed these inputs, so that at each call every key on the way to a draw is derived once. */
export function feedsOf(inputs: readonly GraphInput[]): (leaves: readonly unknown[]) => Feed[] {
  const steps: KeyStep[] = [];
  const known = new Map<string, number>();
  const stepOf = (name: string, step: KeyStep): number => {
    const at = known.get(name) ?? steps.push(step) - 1;
    known.set(name, at);
    return at;
  };
  const sources = inputs.map(({ source }) => {
    if (source.kind === "argument") return source;
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
    return sources.map((source) =>
      source.kind === "random" ? hostDraw(keys[source.key]!, source.draw).values : argument(leaves, source.leaf),
    );
  };
}

function argument(leaves: readonly unknown[], leaf: number): tf.Tensor {
  const tensor = leaves[leaf] as tf.Tensor;
  if (tensor.isDisposed)
    throw new EngineError(`argument leaf ${leaf} of a compiled function was disposed before the call.`);
  return tensor;
}
