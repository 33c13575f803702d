/**
 * A tree of tensors on the host: names, shapes and raw values, in tree order. Checkpoints store and
 * compare it.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { HostArray } from "@ergodic/formats";
import { tree, ValidationError, type Tree } from "@ergodic/tensor";

/** Element types that checkpoints support. */
export type StoredType = "float32" | "int32" | "bool";

/** An array of an element type of TensorFlow.js. */
export interface HostTensor extends HostArray {
  readonly dtype: StoredType;
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** @throws ValidationError when checkpoints do not support its element type */
export function asHostTensor({ name, dtype, shape, values }: HostArray): HostTensor {
  return { name, dtype: storedType(name, dtype), shape, values: values as HostTensor["values"] };
}

/**
 * Reads every tensor of a tree.
 *
 * @throws ValidationError when a leaf is not a tensor, its type is unsupported, or two leaves have
 *   the same path (see `tree.paths`).
 */
export async function takeSnapshot(tensors: Tree<tf.Tensor>): Promise<HostTensor[]> {
  const leaves: unknown[] = tree.leaves(tensors);
  const names = tree.paths(tensors);
  const snapshot: HostTensor[] = [];
  for (const [i, leaf] of leaves.entries()) {
    const name = names[i] ?? "";
    if (!(leaf instanceof tf.Tensor)) {
      throw new ValidationError(
        `${name} of the learner's state is a ${typeof leaf}; expected a tensor. Make it tf.scalar(value).`,
      );
    }
    snapshot.push({ name, dtype: storedType(name, leaf.dtype), shape: [...leaf.shape], values: await read(leaf) });
  }
  return snapshot;
}

/**
 * The same tree with the values of `snapshot`, which must fit (see `snapshotDifferences`). The
 * tensors are new. The caller owns them.
 */
export function fromSnapshot<T extends Tree<tf.Tensor>>(like: T, snapshot: readonly HostTensor[]): T {
  const byName = new Map(snapshot.map((tensor) => [tensor.name, tensor]));
  const { structure } = tree.flatten(like as Tree<tf.Tensor>);
  const tensors = tree.paths(like as Tree<tf.Tensor>).map((name) => {
    const stored = byName.get(name);
    if (stored === undefined) throw new ValidationError(`the checkpoint holds no tensor ${name}.`);
    return tf.tensor(stored.values, [...stored.shape], stored.dtype);
  });
  return tree.unflatten(structure, tensors) as T;
}

/**
 * Differences between a stored snapshot and a learner's tensors, one line per tensor. Empty when it
 * fits.
 */
export function snapshotDifferences(stored: readonly HostTensor[], current: Tree<tf.Tensor>): string[] {
  const left = new Map(stored.map((tensor) => [tensor.name, tensor]));
  const names = tree.paths(current);
  const differences = (tree.leaves(current) as tf.Tensor[]).flatMap((tensor, i) => {
    const name = names[i] ?? "";
    const saved = left.get(name);
    left.delete(name);
    const now = `${tensor.dtype} [${tensor.shape.join(", ")}]`;
    if (saved === undefined) return [`${name}: not in the checkpoint, the model has ${now}`];
    const then = `${saved.dtype} [${saved.shape.join(", ")}]`;
    return then === now ? [] : [`${name}: ${then} in the checkpoint, the model has ${now}`];
  });
  return [...differences, ...[...left.keys()].map((name) => `${name}: in the checkpoint, not in the model`)];
}

/** The first non-finite value of a floating-point tensor, or undefined. */
export function firstNonFinite(snapshot: readonly HostTensor[]): { name: string; value: number } | undefined {
  for (const { name, dtype, values } of snapshot) {
    if (dtype !== "float32") continue;
    const value = values.find((x) => !Number.isFinite(x));
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

function storedType(name: string, dtype: string): StoredType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new ValidationError(`${name} is ${dtype}; checkpoints hold float32, int32 and bool.`);
}

async function read(tensor: tf.Tensor): Promise<HostTensor["values"]> {
  const values = await tensor.data();
  return tensor.dtype === "float32"
    ? Float32Array.from(values)
    : tensor.dtype === "int32"
      ? Int32Array.from(values)
      : Uint8Array.from(values);
}
