/** The start of chains: a kernel's first state, checked to be finite, from a position or a law. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { assertFunction, assertPositiveInteger, fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { assertFiniteState, chainCount } from "./chains.js";
import type { Kernel, KernelInfo, KernelState } from "./kernel.js";
import { selectRows, toMatrix } from "./rows.js";
import { isStarts, type Begin, type Starts } from "./start-law.js";

/** Draws of a start before a chain is given up, as in Stan. */
const mostDraws = 100;

/** Whether all numbers of each chain are finite. */
function finiteChains(state: TensorTree, chains: number): Uint8Array {
  const finite = new Uint8Array(chains).fill(1);
  for (const leaf of tree.leaves(state)) {
    if (leaf.rank === 0 || leaf.shape[0] !== chains) continue;
    const values = leaf.dataSync();
    const width = values.length / chains;
    values.forEach((value, at) => {
      if (!Number.isFinite(value)) finite[Math.floor(at / width)] = 0;
    });
  }
  return finite;
}

const chainsWhere = (finite: Uint8Array): number[] => [...finite.keys()].filter((chain) => finite[chain] === 0);

/** Rows of `yes` where `mask` is 1. The given trees are freed. */
function replacedRows<X extends TensorTree>(mask: Uint8Array, yes: X, no: X): X {
  const selected = tf.tidy(() => selectRows(tf.tensor1d(mask, "bool"), yes, no) as tf.TensorContainer) as X;
  tree.dispose([yes, no]);
  return selected;
}

/** @throws ValidationError that names the chains without a start, and what was tried. */
function failWithoutStart(position: TensorTree, state: TensorTree, lost: readonly number[], chains: number): never {
  const chain = lost[0]!;
  const rowOf = (leaf: tf.Tensor): number[] => {
    const values = leaf.dataSync();
    const width = values.length / chains;
    return [...values.subarray(chain * width, (chain + 1) * width)];
  };
  const names = tree.paths(state);
  const wrong = tree.leaves(state).flatMap((leaf, i) => {
    const bad = rowOf(leaf).find((value) => !Number.isFinite(value));
    return bad === undefined ? [] : [`${names[i]} is ${bad}`];
  });
  const matrix = toMatrix(position);
  const [first, more] = [rowOf(matrix), matrix.shape[1] > 6];
  const shown = first.slice(0, 6).map((value) => value.toPrecision(3));
  matrix.dispose();
  fail(
    `${lost.length} of ${chains} chains (${lost.slice(0, 8).join(", ")}${lost.length > 8 ? ", ..." : ""}) found no start in ` +
      `${mostDraws} draws; the last of chain ${chain} was [${shown.join(", ")}${more ? ", ..." : ""}], where ${wrong.join(" and ")}`,
    "a law of starts where the energy and its gradient are finite",
    "narrow it (uniformStarts(shape, { width: 0.1 })), or bound the parameters where the energy is not defined",
  );
}

export interface OpenStart<X extends TensorTree, S> {
  /** @throws ValidationError where a start, its energy or its gradient is not finite. */
  run(begin: Begin<X>): Promise<S>;
  dispose(): Promise<void>;
}

/** First states at positions or at drawn starts, checked to be finite. */
export function checkedStart<X extends TensorTree, S extends KernelState<X>>(
  stateAt: (position: X) => Promise<S>,
): Pick<OpenStart<X, S>, "run"> {
  async function from(position: X): Promise<S> {
    chainCount(position);
    const state = await stateAt(position);
    try {
      assertFiniteState(state);
      return state;
    } catch (error) {
      tree.dispose(state);
      throw error;
    }
  }

  async function drawn({ law, chains, key }: Starts<X> & { readonly key: Key }): Promise<S> {
    assertFunction({ law });
    assertPositiveInteger({ chains });
    let position = law(random.fold(key, 0), chains);
    if (chainCount(position) !== chains)
      fail(`the law of the starts gave ${chainCount(position)} chains`, `${chains}, as it was asked for`);
    try {
      for (let attempt = 1; ; attempt++) {
        const state = await stateAt(position);
        const finite = finiteChains(state, chains);
        const lost = chainsWhere(finite);
        if (lost.length === 0) return state;
        try {
          if (attempt === mostDraws) failWithoutStart(position, state, lost, chains);
        } finally {
          tree.dispose(state);
        }
        position = replacedRows(finite, position, law(random.fold(key, attempt), chains));
      }
    } finally {
      tree.dispose(position);
    }
  }

  return {
    run: (begin) => (isStarts(begin) ? drawn(begin as Starts<X> & { readonly key: Key }) : from(begin as X)),
  };
}

/**
 * A kernel's first state, checked to be finite together with the energy and gradient that
 * `evaluate` gives there.
 */
export function openStart<X extends TensorTree, S extends KernelState<X>>(
  kernel: Pick<Kernel<X, S, KernelInfo>, "init" | "evaluate">,
): OpenStart<X, S> {
  const compiled = compile((position: X): KernelState<X> => ({
    ...kernel.init(position),
    start: kernel.evaluate?.(position) ?? [],
  }));
  const opened = checkedStart(compiled);
  return {
    async run(begin) {
      const { start, ...state } = await opened.run(begin);
      tree.dispose(start!);
      return state as KernelState<X> as S;
    },
    dispose: () => compiled.dispose(),
  };
}
