/**
 * The signature of a call: the structure of the argument trees, shapes and types of tensors, and
 * every plain value.
 */
import * as tf from "@tensorflow/tfjs-core";
import { isKey, tree, ValidationError, type Tree } from "@ergodic/tensor";

export interface Described {
  /** Leaves in the order of `tree.leaves`. */
  readonly leaves: readonly unknown[];
  /** Two lists of arguments have equal signatures exactly if one program serves both. */
  readonly signature: string;
}

/** A text with its length, so that it stays separate from the text that follows. */
const measured = (text: string): string => `${text.length}:${text}`;

/**
 * The names of a branch in the order of trees. Trees built by functions of `tree` are sorted
 * already.
 */
function sortedNames(branch: object): string[] {
  const names = Object.keys(branch);
  return names.every((name, i) => i === 0 || names[i - 1]! < name) ? names : names.sort();
}

/** Below this depth, `tree` checks for a tree that contains itself and refuses it. */
const deepest = 200;

/**
 * Collects leaves and writes the signature in one traversal. This runs at every call of a compiled
 * function.
 */
export function describe(args: readonly unknown[]): Described {
  const leaves: unknown[] = [];
  let signature = "";

  const visit = (value: unknown, depth = 0): void => {
    if (depth > deepest) tree.leaves(value as Tree<unknown>);
    if (value instanceof tf.Tensor) {
      leaves.push(value);
      signature += value.dtype;
      for (const size of value.shape) signature += `,${size}`;
      signature += ";";
    } else if (tree.isLeaf(value)) {
      signature += plain(value, leaves.push(value) - 1);
    } else if (Array.isArray(value)) {
      signature += "(";
      for (const child of value) visit(child, depth + 1);
      signature += ")";
    } else {
      const branch = value as Readonly<Record<string, unknown>>;
      signature += "{";
      for (const name of sortedNames(branch)) {
        signature += measured(name);
        visit(branch[name], depth + 1);
      }
      signature += "}";
    }
  };

  const plain = (leaf: unknown, index: number): string => {
    if (isKey(leaf)) return "key;";
    if (typeof leaf === "number") return `number ${Object.is(leaf, -0) ? "-0" : leaf};`;
    if (typeof leaf === "string") return `text ${measured(leaf)}`;
    if (leaf === null || leaf === undefined || typeof leaf === "boolean") return `${leaf};`;
    const path = tree.paths(args as Tree<unknown>)[index];
    throw new ValidationError(
      `argument ${path} of a compiled function is a ${typeof leaf}; expected tensors, keys, numbers, strings or booleans in plain ` +
        "arrays and objects. Capture anything else from the surrounding scope.",
    );
  };

  for (const arg of args) visit(arg);
  return { leaves, signature };
}
