/**
 * Fixed members: numbers of a model that are never trained.
 *
 * - Any object in a tree of parameters may have a member `$fixed`. Examples are a permutation, a
 *   vector of power iteration, and running statistics.
 * - Optimisers, clipping, gradient norms and averages use the tree without these members, whose
 *   type is {@link Trained}.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { isArray, isBranch, tree, type TensorTree } from "./tree.js";

/** The name of members that are never trained. */
export const fixedName = "$fixed";

/** The tree `P` without its `$fixed` members. */
export type Trained<P> = TensorTree extends P
  ? P
  : P extends tf.Tensor
    ? P
    : P extends readonly unknown[]
      ? { [I in keyof P]: Trained<P[I]> }
      : P extends object
        ? { [K in keyof P as K extends typeof fixedName ? never : K]: Trained<P[K]> }
        : P;

/** The tree without its `$fixed` members. A tree without any is returned unchanged. */
export function trainedPart<P extends TensorTree>(params: P): Trained<P>;
export function trainedPart(params: TensorTree): unknown {
  return withoutFixed(params);
}

/**
 * Replaces the trained part of `params` by `trained`. The `$fixed` members of `params` are kept.
 *
 * @throws ValidationError naming the place where the structures differ.
 */
export function withTrained<P extends TensorTree>(params: P, trained: P | Trained<P>): P;
export function withTrained(params: TensorTree, trained: unknown): unknown {
  if (!hasFixed(params)) return trained;
  tree.zip<unknown, unknown>((_, part) => part, withoutFixed(params), trained);
  return merged(params, trained);
}

const hasFixed = (value: unknown): boolean =>
  isBranch(value) && Object.entries(value).some(([name, part]) => name === fixedName || hasFixed(part));

function withoutFixed(value: unknown): unknown {
  if (!isBranch(value) || !hasFixed(value)) return value;
  if (isArray(value)) return value.map(withoutFixed);
  const kept = Object.entries(value).filter(([name]) => name !== fixedName);
  return Object.fromEntries(kept.map(([name, part]) => [name, withoutFixed(part)]));
}

function merged(value: unknown, trained: unknown): unknown {
  if (!isBranch(value)) return trained;
  if (isArray(value)) return value.map((part, i) => merged(part, (trained as readonly unknown[])[i]));
  const part = (name: string): unknown =>
    name === fixedName ? value[name] : merged(value[name], (trained as Record<string, unknown>)[name]);
  return Object.fromEntries(Object.keys(value).map((name) => [name, part(name)]));
}
