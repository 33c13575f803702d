/** Samples of a model by chains from fresh starts. */
import { compile } from "@ergodic/engine";
import { assertPositiveInteger, fail, inChunks, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition, ModelChain } from "@ergodic/training";
import { openChain } from "./open-chain.js";
import { stepCost } from "./step-cost.js";

export interface FreshSampling {
  /** Number of chains, each of which gives one sample. */
  readonly n: number;
  /** Steps of each chain. Default: those of a short run. */
  readonly steps?: number | undefined;
  readonly key: Key;
  /** Called with the steps done, summed over all chains. */
  readonly onStep?: ((done: number, of: number) => void) | undefined;
}

/** Chains in one compiled call. */
const chunk = 500;

/**
 * What `n` chains show after `steps` steps from scattered starts, `[n, ...]` in each leaf. Nothing
 * is used of chains that the model keeps.
 *
 * @throws ValidationError for counts that are no positive integers, or a chain without observations
 */
export async function freshSamples(
  chain: ModelChain,
  { n, steps = chain.steps, key, onStep }: FreshSampling,
): Promise<TensorTree> {
  assertPositiveInteger({ n, steps });
  if (chain.observe === undefined) fail(`the chain of ${chain.description} shows nothing`, "a chain with observe()");
  const opened = openChain(chain, () => ({}), stepCost(chain));
  const observe = compile((at: ChainPosition) => chain.observe!(at));
  try {
    return await inChunks(n, { chunk, key }, async (count, part, from) => {
      const [startKey, stepKey] = random.split(part) as [Key, Key];
      const position = chain.scattered(startKey, count);
      const begun = await opened.begin(position);
      tree.dispose(position);
      const { state } = await opened.advance(begun, {
        ...{ key: stepKey, from: 0, count: steps },
        onStep: (done) => onStep?.(from * steps + count * done, n * steps),
      });
      const observations = await observe(state.position);
      tree.dispose(state);
      return observations;
    });
  } finally {
    await Promise.all([opened.dispose(), observe.dispose()]);
  }
}
