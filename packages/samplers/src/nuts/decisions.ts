/** The random numbers that decide a doubling. */
import { random, type HostKey } from "@ergodic/tensor";

export interface Decisions {
  /** Three for each chain, in [0, 1). */
  readonly values: Float32Array;
  /** For what later programs of the doubling decide. */
  readonly key: HostKey;
}

/** Those of doubling number `depth` of a transition. */
export function decisionsOf(key: HostKey, depth: number, chains: number): Decisions {
  const own = random.fold(key, depth + 1);
  return { key: own, values: random.host.uniform(own, 3 * chains) };
}

export const directionOf = ({ values }: Decisions, chain: number): 1 | -1 => (values[3 * chain]! < 0.5 ? 1 : -1);

/** Whether a new half is taken, by `odds` of its weight over that of the old. */
export const takesHalf = ({ values }: Decisions, chain: number, odds: number): boolean => values[3 * chain + 1]! < odds;

/** For the choice within program number `block` of the new half, a function of the chain. */
export function choicesOf({ values, key }: Decisions, block: number, chains: number): (chain: number) => number {
  if (block === 0) return (chain) => values[3 * chain + 2]!;
  const later = random.host.uniform(random.fold(key, block), chains);
  return (chain) => later[chain]!;
}
