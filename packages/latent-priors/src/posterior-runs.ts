/** The posterior chain on the host: one program, or calls of a few steps. */
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { PosteriorChainOptions } from "./options.js";

/** Pure functions of parameters. */
export interface PosteriorRules<P extends TensorTree, X extends TensorTree, Z extends TensorTree> {
  /** Where the chain starts. */
  start(params: P, x: X, key: Key): Z;
  /** One step for each key. */
  advance(params: P, x: X, z: Z, keys: readonly Key[]): Z;
}

export interface PosteriorRuns<P extends TensorTree, X extends TensorTree, Z extends TensorTree> {
  /** The latents of observations after the chain from `z`, which is kept. */
  move(params: P, x: X, z: Z, key: Key): Promise<Z>;
  /** One latent for each observation after the chain. */
  sample(params: P, x: X, key: Key): Promise<Z>;
  dispose(): Promise<void>;
}

/**
 * Compiles a chain. Step i has the i-th key folded out of the chain's key, as `runSteps` has it, so
 * the chain is the same for any `stepsPerCall`.
 */
export function posteriorRuns<P extends TensorTree, X extends TensorTree, Z extends TensorTree>(
  { start, advance }: PosteriorRules<P, X, Z>,
  { steps, stepsPerCall = steps }: PosteriorChainOptions,
): PosteriorRuns<P, X, Z> {
  const begin = compile(start);
  const block = compile((params: P, x: X, z: Z, keys: readonly Key[]) => advance(params, x, z, keys));
  const move = async (params: P, x: X, z: Z, key: Key): Promise<Z> => {
    let at = z;
    for (let done = 0; done < steps; done += stepsPerCall) {
      const count = Math.min(stepsPerCall, steps - done);
      const keys = Array.from({ length: count }, (_, i) => random.fold(key, done + i));
      const next = await block(params, x, at, keys);
      if (at !== z) tree.dispose(at as TensorTree);
      at = next;
    }
    return at;
  };
  return {
    move,
    async sample(params, x, key) {
      const [startKey, chainKey] = random.split(key, 2) as [Key, Key];
      const first = await begin(params, x, startKey);
      try {
        return await move(params, x, first, chainKey);
      } finally {
        tree.dispose(first as TensorTree);
      }
    },
    async dispose() {
      await Promise.all([begin.dispose(), block.dispose()]);
    },
  };
}
