/**
 * Elementwise computations on trees with many small leaves, such as the biases of a deep network.
 *
 * Small leaves of one type that agree in all axes but the first are computed side by side, as one
 * tensor. A kernel for each of them takes longer than the copies, and a program of thousands of
 * kernels takes long to load.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "./tree.js";

/** Most numbers of a leaf that is computed beside others. */
const SMALL = 4096;
/** Fewest leaves that are computed side by side. */
const FEWEST = 4;

/** The leaves of one place in every tree. */
type Place = readonly tf.Tensor[];

/** The places that are computed side by side, as indices. Other places are groups of their own. */
function groupsOf(places: readonly Place[]): number[][] {
  const groups = new Map<string, number[]>();
  places.forEach((leaves, i) => {
    const { rank, size, shape } = leaves[0]!;
    const joins = rank > 0 && size > 0 && size <= SMALL && leaves.every((leaf) => leaf.shape.join() === shape.join());
    const key = joins ? `${leaves.map(({ dtype }) => dtype).join()} ${shape.slice(1).join()}` : `alone ${i}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  });
  return [...groups.values()].flatMap((group) => (group.length < FEWEST ? group.map((i) => [i]) : [group]));
}

const joined = (leaves: readonly tf.Tensor[]): tf.Tensor => (leaves.length === 1 ? leaves[0]! : tf.concat([...leaves]));

/** The leaves of a tree, with small ones side by side: the same numbers in fewer tensors. */
export const fewTensors = (values: TensorTree): tf.Tensor[] => {
  const leaves = tree.leaves(values);
  return groupsOf(leaves.map((leaf) => [leaf])).map((group) => joined(group.map((i) => leaves[i]!)));
};

/**
 * `tree.zip(fn, ...trees)` of an elementwise `fn`, in fewer kernels.
 *
 * `fn` gets tensors of one shape, and single numbers that it captures. It computes each number of the
 * result from the numbers at that place alone.
 */
export function zipElementwise<P extends TensorTree>(
  fn: (...tensors: tf.Tensor[]) => tf.Tensor,
  first: P,
  ...rest: TensorTree[]
): P {
  const places: Place[] = [];
  tree.zip<unknown, void>((...leaves) => void places.push(leaves as tf.Tensor[]), first, ...rest);
  const results = new Array<tf.Tensor>(places.length);
  for (const group of groupsOf(places)) {
    const made = fn(...places[group[0]!]!.map((_, t) => joined(group.map((i) => places[i]![t]!))));
    const sizes = group.map((i) => places[i]![0]!.shape[0]!);
    const parts = group.length === 1 ? [made] : tf.split(made, sizes);
    group.forEach((i, at) => (results[i] = parts[at]!));
  }
  return tree.unflatten(tree.structure(first), results) as P;
}
