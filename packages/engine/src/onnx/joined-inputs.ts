/** Inputs of a graph that a model has as one: draws that a loop reads, one after the other. */
import { copied } from "@ergodic/tensor";
import type { Graph, TensorSpec, TypedArray } from "../graph.js";
import { stackOf } from "./repetition.js";
import { isShared } from "./shared-arrays.js";

/** An input of a model, and the inputs of the graph whose numbers it has, one behind the other. */
export interface ModelInput {
  readonly name: string;
  readonly spec: TensorSpec;
  readonly sources: readonly number[];
}

/** `joined` has inputs of the graph that the model has as one, by its name. */
export function modelInputs({ inputs }: Graph, joined: ReadonlyMap<string, readonly number[]>): ModelInput[] {
  const together = new Set([...joined.values()].flat());
  return [
    ...inputs.flatMap(({ value: spec }, i) => (together.has(i) ? [] : [{ name: `in${i}`, spec, sources: [i] }])),
    ...Array.from(joined, ([name, sources]) => ({
      name,
      spec: stackOf(sources.map((i) => inputs[i]!.value)),
      sources,
    })),
  ];
}

/**
 * The numbers of arrays in one, without a copy where they lie one behind the other in memory that
 * threads do not share.
 *
 * @param into gives the array of a copy
 */
export function inOne(arrays: readonly TypedArray[], into: () => TypedArray): TypedArray {
  const [first] = arrays as [TypedArray];
  if (isShared(first)) return copied(arrays, into());
  if (arrays.length === 1) return first;
  let size = 0;
  let end = first.byteOffset;
  for (const { buffer, byteOffset, byteLength, length } of arrays) {
    if (buffer !== first.buffer || byteOffset !== end) return copied(arrays, into());
    end += byteLength;
    size += length;
  }
  return new (first.constructor as Float32ArrayConstructor)(first.buffer as ArrayBuffer, first.byteOffset, size);
}
