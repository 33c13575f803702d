/**
 * Trees: nested plain arrays and objects that are used as one value.
 *
 * - Parameters, gradients, positions of chains and batches are trees.
 * - A leaf is anything that is not a plain array or plain object: tensors, keys, numbers, text,
 *   null.
 * - Names in objects are visited in sorted order, by UTF-16 code unit. Two trees with the same
 *   contents are therefore equal, in whatever order their members were added.
 */
import * as tf from "@tensorflow/tfjs-core";
import { isKey } from "./key.js";
import { describeValue, fail } from "./validation.js";

export type Tree<T> = T | readonly Tree<T>[] | { readonly [name: string]: Tree<T> };
export type TensorTree = Tree<tf.Tensor>;

/** The tree `P` with every tensor replaced by an `M`. */
export type Mapped<P, M> = P extends tf.Tensor ? M : P extends object ? { [K in keyof P]: Mapped<P[K], M> } : M;

/**
 * A tree's structure, with `"*"` for a leaf. It is JSON data whose text is equal for equal
 * structures.
 */
export type Structure = "*" | readonly Structure[] | { readonly [name: string]: Structure };

type Branch = readonly unknown[] | { readonly [name: string]: unknown };

/** Whether an object is plain in any realm: its prototype is null or ends the prototype chain. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether `value` is a branch. Everything else is a leaf. */
export function isBranch(value: unknown): value is Branch {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || (isPlainObject(value) && !isKey(value));
}

/** Whether a branch is an array rather than an object. */
export function isArray(branch: Branch): branch is readonly unknown[] {
  return Array.isArray(branch);
}

/** Trees that functions of `tree` made are sorted already. */
function sortedNames(branch: object): string[] {
  const names = Object.keys(branch);
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return names.sort();
  return names;
}

function isTensor(leaf: unknown): leaf is tf.Tensor {
  return leaf instanceof tf.Tensor;
}

/** Largest depth of a tree, well below what the call stack allows. */
const deepest = 500;

/**
 * The branches from the root to a branch, itself included.
 *
 * @throws ValidationError for a tree that contains itself, or is too deep.
 */
function inside(above: readonly object[], branch: object, path: string): readonly object[] {
  if (above.includes(branch))
    fail(`the tree contains itself at ${path}`, "branches that end in leaves", "leave that reference out");
  if (above.length === deepest)
    fail(`the tree has more than ${deepest} branches inside one another`, "a shallower tree", "flatten it");
  return [...above, branch];
}

/** Rebuilds a tree with `fn` of its leaves. Calls of compiled functions do this often. */
function rebuilt(fn: (leaf: unknown) => unknown, tree: unknown, path = "", above: readonly object[] = []): unknown {
  if (!isBranch(tree)) return fn(tree);
  const ancestors = inside(above, tree, path);
  if (isArray(tree)) {
    const items: unknown[] = [];
    for (let i = 0; i < tree.length; i++) items.push(rebuilt(fn, tree[i], join(path, String(i)), ancestors));
    return items;
  }
  const members: (readonly [string, unknown])[] = [];
  for (const name of sortedNames(tree)) members.push([name, rebuilt(fn, tree[name], join(path, name), ancestors)]);
  return Object.fromEntries(members);
}

/**
 * Rebuilds the structure of the first tree with `fn` of the leaves at the same place in all trees.
 */
function combine(
  fn: (...leaves: unknown[]) => unknown,
  trees: readonly unknown[],
  path: string,
  above: readonly object[] = [],
): unknown {
  const first = trees[0];
  const at = path === "" ? "the root" : path;
  if (!isBranch(first)) {
    const other = trees.findIndex(isBranch);
    if (other >= 0)
      fail(`tree ${other + 1} has a branch at ${at}`, "a leaf as in tree 1", "zip trees of one structure");
    return fn(...trees);
  }
  const ancestors = inside(above, first, path);
  if (isArray(first)) {
    trees.forEach((tree, i) => {
      if (!isBranch(tree) || !isArray(tree) || tree.length !== first.length) {
        const found = isBranch(tree) && isArray(tree) ? `${tree.length} items` : "no array";
        fail(
          `tree ${i + 1} has ${found} at ${at}`,
          `an array of ${first.length} as in tree 1`,
          "zip trees of one structure",
        );
      }
    });
    return first.map((_, k) =>
      combine(
        fn,
        trees.map((tree) => (tree as readonly unknown[])[k]),
        join(path, String(k)),
        ancestors,
      ),
    );
  }
  const names = sortedNames(first);
  trees.forEach((tree, i) => {
    const found = isBranch(tree) && !isArray(tree) ? sortedNames(tree) : undefined;
    if (found === undefined || found.length !== names.length || found.some((name, k) => name !== names[k])) {
      const what = found === undefined ? "no object" : `names {${found.join(", ")}}`;
      fail(`tree ${i + 1} has ${what} at ${at}`, `{${names.join(", ")}} as in tree 1`, "zip trees of one structure");
    }
  });
  return Object.fromEntries(
    names.map((name) => [
      name,
      combine(
        fn,
        trees.map((tree) => (tree as Record<string, unknown>)[name]),
        join(path, name),
        ancestors,
      ),
    ]),
  );
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/**
 * Applies `fn` to every leaf and returns a tree of the same structure.
 *
 * `fn` gets the leaf as its only argument, so TensorFlow.js functions with optional arguments can
 * be passed directly.
 */
function map<P extends TensorTree>(fn: (leaf: tf.Tensor) => tf.Tensor, tree: P): P;
function map<P extends TensorTree, M>(fn: (leaf: tf.Tensor) => M, tree: P): Mapped<P, M>;
function map<L, M>(fn: (leaf: L) => M, tree: Tree<L>): Tree<M>;
function map(fn: (leaf: never) => unknown, tree: unknown): unknown {
  return rebuilt((leaf) => fn(leaf as never), tree);
}

/**
 * Applies `fn` to the leaves at the same place in every tree and returns a tree of that structure.
 *
 * @throws ValidationError naming the place where the trees differ.
 */
function zip<P extends TensorTree>(fn: (...leaves: tf.Tensor[]) => tf.Tensor, first: P, ...rest: TensorTree[]): P;
function zip<P extends TensorTree, M>(fn: (...leaves: tf.Tensor[]) => M, first: P, ...rest: TensorTree[]): Mapped<P, M>;
function zip<L, M>(fn: (...leaves: L[]) => M, first: Tree<L>, ...rest: Tree<L>[]): Tree<M>;
function zip(fn: (...leaves: never[]) => unknown, ...trees: unknown[]): unknown {
  return combine((...leaves) => fn(...(leaves as never[])), trees, "");
}

function visit(
  tree: unknown,
  path: string,
  each: (leaf: unknown, path: string) => void,
  above: readonly object[] = [],
): void {
  if (!isBranch(tree)) return each(tree, path);
  const ancestors = inside(above, tree, path);
  if (isArray(tree)) for (let i = 0; i < tree.length; i++) visit(tree[i], join(path, String(i)), each, ancestors);
  else for (const name of sortedNames(tree)) visit(tree[name], join(path, name), each, ancestors);
}

/** The leaves in order: arrays by index, objects by sorted name. */
function leaves(tree: TensorTree): tf.Tensor[];
function leaves<L>(tree: Tree<L>): L[];
function leaves(tree: unknown): unknown[] {
  const found: unknown[] = [];
  visit(tree, "", (leaf) => found.push(leaf));
  return found;
}

/** The structure of a tree, without its leaves. */
function structure(tree: unknown): Structure {
  return rebuilt(() => "*", tree) as Structure;
}

/** Splits a tree into its leaves and its structure; `unflatten` joins them again. */
function flatten(tree: TensorTree): { leaves: tf.Tensor[]; structure: Structure };
function flatten<L>(tree: Tree<L>): { leaves: L[]; structure: Structure };
function flatten(tree: unknown): { leaves: unknown[]; structure: Structure } {
  return { leaves: leaves(tree as Tree<unknown>), structure: structure(tree) };
}

/**
 * Builds a tree from its structure and leaves.
 *
 * @throws ValidationError if the number of leaves differs.
 */
function unflatten<L>(structure: Structure, leaves: readonly L[]): Tree<L> {
  let used = 0;
  const built = rebuilt(() => leaves[used++], structure);
  if (used !== leaves.length) {
    fail(
      `${leaves.length} leaves were given`,
      `${used} for this structure`,
      "pass leaves and structure of one flatten",
    );
  }
  return built as Tree<L>;
}

/**
 * The names of the leaves in order, as in `["energy.layers.0.weight", ...]`.
 *
 * A tree that is a single leaf has the name "".
 *
 * @throws ValidationError if two leaves have the same name, as names with dots can cause.
 */
function paths(tree: unknown): string[] {
  const found: string[] = [];
  visit(tree, "", (_, path) => found.push(path));
  const repeated = found.find((path, i) => found.indexOf(path) !== i);
  if (repeated !== undefined) {
    fail(
      `two leaves are both called "${repeated}"`,
      "one name per leaf",
      "rename the entry that has a dot in its name",
    );
  }
  return found;
}

/** Disposes every tensor of the tree and ignores other leaves. */
function dispose(tree: unknown): void {
  visit(tree, "", (leaf) => {
    if (isTensor(leaf)) leaf.dispose();
  });
}

/**
 * The number of entries of all tensors together.
 *
 * @throws ValidationError for a leaf that is no tensor.
 */
function sizeOf(tree: TensorTree): number {
  let total = 0;
  visit(tree, "", (leaf, path) => {
    if (!isTensor(leaf))
      fail(`the leaf at "${path}" is ${describeValue(leaf)}`, "a tensor", "count trees of tensors only");
    total += leaf.size;
  });
  return total;
}

/** Clones the tensors, so that they outlive the originals. Other leaves are shared. */
function clone<P>(tree: P): P {
  return rebuilt((leaf) => (isTensor(leaf) ? tf.clone(leaf) : leaf), tree) as P;
}

/** Functions on trees. */
export const tree = { map, zip, flatten, unflatten, leaves, paths, structure, dispose, sizeOf, clone, isLeaf } as const;

/** Whether `value` is a leaf: neither a plain array nor a plain object. */
function isLeaf(value: unknown): boolean {
  return !isBranch(value);
}
