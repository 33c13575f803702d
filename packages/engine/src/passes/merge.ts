/**
 * Common subexpression elimination: merges equal draws, equal constants, and equal kernels on equal
 * inputs.
 */
import { specOf, type Graph, type GraphNode, type TypedArray } from "../graph.js";
import { renameInputs } from "./rewrite.js";

/** Distinguishes NaN, Infinity and -Infinity, and -0 from 0, which JSON does not. */
const exactly = (_: string, value: unknown): unknown =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
    ? { number: Object.is(value, -0) ? "-0" : String(value) }
    : value;

const textOf = (data: unknown): string => JSON.stringify(data, exactly);

/** The bits of every number as an integer. */
const bitsOf = (data: TypedArray): Int32Array | Uint8Array =>
  data instanceof Float32Array ? new Int32Array(data.buffer, data.byteOffset, data.length) : data;

/**
 * FNV-1a hash, so that only constants that are probably equal are compared. Floats differ in their
 * upper bits, so these are folded into the lower ones.
 */
function hashOf(data: TypedArray): number {
  let hash = 0x811c9dc5;
  for (const bits of bitsOf(data)) hash = Math.imul(hash ^ bits ^ (bits >>> 16), 0x01000193);
  return hash;
}

function sameBits(a: TypedArray, b: TypedArray): boolean {
  const [x, y] = [bitsOf(a), bitsOf(b)];
  return x.length === y.length && x.every((bits, i) => bits === y[i]);
}

/**
 * Merges nodes of the same kernel, attributes and inputs, equal constants, and equal draws of one
 * key.
 */
export function mergeCommonSubexpressions(graph: Graph): Graph {
  const replacement = new Map<number, number>();
  const current = (id: number): number => replacement.get(id) ?? id;
  const seen = new Map<string, readonly number[]>();
  /** Whether `key` was seen before. If so, `ids` are replaced by the values seen then. */
  const merged = (key: string, ids: readonly number[]): boolean => {
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, ids);
      return false;
    }
    ids.forEach((id, i) => replacement.set(id, first[i]!));
    return true;
  };
  const inputs = graph.inputs.filter(({ value, source }) => !merged(textOf(source), [value.id]));
  const alike = new Map<string, Graph["constants"][number][]>();
  const constants = graph.constants.filter((constant) => {
    const { value, data } = constant;
    const key = `${specOf(value)}:${hashOf(data)}`;
    const candidates = alike.get(key) ?? [];
    const first = candidates.find((candidate) => sameBits(candidate.data, data));
    if (first === undefined) alike.set(key, candidates.concat(constant));
    else replacement.set(value.id, first.value.id);
    return first === undefined;
  });
  const nodes: GraphNode[] = [];
  for (const recorded of graph.nodes) {
    const node = renameInputs(recorded, current);
    const key = `${node.kernel}(${node.inputs.map(({ name, id }) => `${name}=${id}`).join()})${textOf(node.attrs)}`;
    const ids = node.outputs.map((value) => value.id);
    if (!merged(key, ids)) nodes.push(node);
  }
  return replacement.size === 0 ? graph : { inputs, constants, nodes, outputs: graph.outputs.map(current) };
}
