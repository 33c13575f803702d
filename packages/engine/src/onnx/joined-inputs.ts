/** Inputs of a graph that a model has as one: draws that a loop reads, one after the other. */
import type { Graph, TensorSpec, TypedArray } from "../graph.js";
import { isRange, putNumbers, type Numbers } from "../normal-range.js";
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
 * Numbers in one array, without a copy where they lie in arrays one behind the other.
 *
 * @param into gives an array to fill
 */
export function inOne(pieces: readonly Numbers[], into: () => TypedArray): TypedArray {
  const [first] = pieces as [Numbers];
  if (isRange(first)) return putNumbers(pieces, into());
  if (pieces.length === 1) return first;
  let size = 0;
  let end = first.byteOffset;
  for (const piece of pieces) {
    if (isRange(piece) || piece.buffer !== first.buffer || piece.byteOffset !== end) return putNumbers(pieces, into());
    end += piece.byteLength;
    size += piece.length;
  }
  return new (first.constructor as Float32ArrayConstructor)(first.buffer as ArrayBuffer, first.byteOffset, size);
}
