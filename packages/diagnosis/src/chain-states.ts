/** What the chains of a model show along their way. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import {
  assertInRange,
  assertInteger,
  assertPositiveInteger,
  fail,
  random,
  tree,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import type { ChainPosition, ModelChain } from "@ergodic/training";
import { openChain } from "./open-chain.js";
import { stepCost } from "./step-cost.js";

export interface ChainStatesPlan {
  /** Number of chains. */
  readonly n: number;
  /** Steps of each chain. */
  readonly steps: number;
  /** Number of states that are observed, evenly spaced from the start to the last step. */
  readonly states: number;
  readonly key: Key;
}

export interface ChainStates {
  /** The steps after which chains were observed; 0 is the start. */
  readonly moments: readonly number[];
  /** The mean energy E of the chains at these moments. */
  readonly energies: readonly number[];
  /** The mean of the learned part of the energy, where the chain tells it. */
  readonly tilts?: readonly number[];
  /** `[n · states, ...]` in each leaf, chain after chain. The caller disposes it. */
  readonly observations: TensorTree;
}

/**
 * Runs chains from where short runs start, and observes them along the way.
 *
 * @throws ValidationError for counts that are no positive integers, fewer than 2 states or more
 *   than steps + 1, or a chain without observations
 */
export async function chainStates(chain: ModelChain, { n, steps, states, key }: ChainStatesPlan): Promise<ChainStates> {
  assertPositiveInteger({ n, steps });
  assertInteger({ states });
  assertInRange({ states }, { min: 2, max: steps + 1 });
  if (chain.observe === undefined) fail(`the chain of ${chain.description} shows nothing`, "a chain with observe()");
  const moments = Array.from({ length: states }, (_, i) => Math.round((i * steps) / (states - 1)));
  const [startKey, stepKey] = random.split(key) as [Key, Key];
  const opened = openChain(chain, () => ({}), stepCost(chain));
  const look = compile((at: ChainPosition) => ({
    seen: chain.observe!(at),
    means: [chain.energy, ...(chain.tilt ? [chain.tilt] : [])].map((energy) => tf.mean(energy(at))),
  }));
  const seen: TensorTree[] = [];
  try {
    const start = chain.start(startKey, n);
    let state = await opened.begin(start);
    tree.dispose(start as TensorTree);
    const means: number[][] = [];
    for (const [i, moment] of moments.entries()) {
      const from = moments[i - 1] ?? 0;
      if (moment > from) ({ state } = await opened.advance(state, { key: stepKey, from, count: moment - from }));
      const looked = await look(state.position);
      seen.push(looked.seen);
      means.push(await Promise.all(looked.means.map(async (mean) => (await mean.data())[0]!)));
      tf.dispose(looked.means);
    }
    tree.dispose(state as TensorTree);
    return {
      moments,
      energies: means.map(([energy]) => energy!),
      ...(chain.tilt && { tilts: means.map(([, tilt]) => tilt!) }),
      observations: chainAfterChain(seen),
    };
  } finally {
    tree.dispose(seen);
    await Promise.all([opened.dispose(), look.dispose()]);
  }
}

/** States `[n, ...]` of several moments as `[n · moments, ...]`. */
function chainAfterChain(moments: readonly TensorTree[]): TensorTree {
  const joined = (...leaves: tf.Tensor[]): tf.Tensor => {
    const stacked = tf.stack(leaves, 1);
    const [n = 0, count = 0, ...shape] = stacked.shape;
    const rows = tf.reshape(stacked, [n * count, ...shape]);
    stacked.dispose();
    return rows;
  };
  const [first, ...others] = moments;
  return tree.zip(joined, first!, ...others) as TensorTree;
}
