/**
 * Chains of draws of one number: checked once, when a diagnostic is called, and then read as
 * float64.
 */
import * as tf from "@tensorflow/tfjs-core";
import { describeValue, fail } from "@ergodic/tensor";

/** One number followed through all chains: `draws[chain][draw]`, or a tensor `[chains, draws]`. */
export type Draws = readonly ArrayLike<number>[] | tf.Tensor;

/** Chains of equally many finite numbers. */
export type Chains = readonly Float64Array[];

export interface Needed {
  /** Fewest chains. Default 1. */
  readonly chains?: number;
  /** Fewest draws in each. Default 4, so that each half of a chain has a variance. */
  readonly draws?: number;
  /** Whether all numbers must be finite. Default true. */
  readonly finite?: boolean;
}

/** Splits a tensor `[chains, draws]` into chains. */
function rows(tensor: tf.Tensor, name: string): Float64Array[] {
  if (tensor.rank !== 2) {
    fail(`${name} has shape [${tensor.shape.join(",")}]`, "[chains,draws]", "pass one number of each draw at a time");
  }
  const [chains, draws] = tensor.shape as [number, number];
  const values = tensor.dataSync();
  return Array.from({ length: chains }, (_, c) => Float64Array.from(values.subarray(c * draws, (c + 1) * draws)));
}

function series(chain: ArrayLike<number>, name: string, c: number): Float64Array {
  if (chain instanceof Float64Array) return chain;
  if (typeof chain !== "object" || chain === null || typeof chain.length !== "number") {
    fail(`${name}[${c}] is ${describeValue(chain)}`, "the array of draws of a chain", "wrap a single chain: [draws]");
  }
  return Float64Array.from(chain);
}

/**
 * The draws as float64 chains. Arrays that are float64 already are not copied.
 *
 * @throws ValidationError for too few chains or draws, chains of unequal length, and the first
 *   number that is not finite.
 */
export function chainsFrom(draws: Draws, needed: Needed = {}, name = "draws"): Chains {
  const { chains: leastChains = 1, draws: leastDraws = 4, finite = true } = needed;
  const chains = draws instanceof tf.Tensor ? rows(draws, name) : draws.map((chain, c) => series(chain, name, c));
  if (chains.length < leastChains) {
    fail(`${name} has ${chains.length} chains`, `at least ${leastChains}`, "run more chains from different starts");
  }
  const length = chains[0]!.length;
  if (length < leastDraws) fail(`${name} has ${length} draws a chain`, `at least ${leastDraws}`, "run longer");
  chains.forEach((chain, c) => {
    if (chain.length !== length) {
      fail(`chain ${c} of ${name} has ${chain.length} draws`, `${length} as in chain 0`, "cut all to the same draws");
    }
    const bad = finite ? chain.findIndex((value) => !Number.isFinite(value)) : -1;
    if (bad >= 0) {
      fail(
        `draw ${bad} of chain ${c} of ${name} is ${chain[bad]}`,
        "finite numbers",
        "the chain diverged; lower the step size, or look at the energy there",
      );
    }
  });
  return chains;
}

/**
 * First and last ⌊N/2⌋ draws of every chain, in that order: trends within a chain become
 * differences between halves.
 */
export function splitChains(chains: Chains): Float64Array[] {
  const half = Math.floor(chains[0]!.length / 2);
  return chains.flatMap((chain) => [chain.subarray(0, half), chain.subarray(chain.length - half)]);
}

/** All draws of all chains, chain after chain. */
export function pooled(chains: Chains): Float64Array {
  const length = chains[0]!.length;
  const all = new Float64Array(chains.length * length);
  chains.forEach((chain, c) => all.set(chain, c * length));
  return all;
}
