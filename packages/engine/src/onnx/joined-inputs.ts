/** Inputs of a graph that a model has as one: draws that a loop reads, one after the other. */
import type { Graph, TensorSpec, TypedArray } from "../graph.js";
import { stackOf } from "./repetition.js";

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
 * The numbers of arrays as one, without a copy where they lie one behind the other.
 *
 * @param into gives the array of a copy. Default: a new one.
 */
export function together(arrays: readonly TypedArray[], into?: () => TypedArray): TypedArray {
  const [first] = arrays as [TypedArray];
  if (arrays.length === 1) return first;
  const Numbers = first.constructor as Float32ArrayConstructor;
  let size = 0;
  let end = first.byteOffset;
  let follow = true;
  for (const { buffer, byteOffset, byteLength, length } of arrays) {
    follow &&= buffer === first.buffer && byteOffset === end;
    end += byteLength;
    size += length;
  }
  if (follow) return new Numbers(first.buffer as ArrayBuffer, first.byteOffset, size);
  const joined = into?.() ?? new Numbers(size);
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
