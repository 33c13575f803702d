/**
 * One transition of every chain on the host: its random decisions, and what is known of each
 * trajectory while it grows.
 *
 * Weights and counts are float64, and only the chains that still double cost anything.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, type HostKey, type TensorTree } from "@ergodic/tensor";
import { divergenceLimit } from "../metropolis.js";
import { fromNumbers } from "../rows.js";
import { blockSize, type Leaves } from "./leaves.js";
import type { ChainReport } from "./records.js";
import { turned, turnedAt } from "./turns.js";

/** The random numbers that decide a doubling. */
export interface Decisions {
  /** Three for each chain, in [0, 1). */
  readonly values: Float32Array;
  /** For the decisions of later programs of the doubling. */
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
  const later = laterChoices({ key }, block, chains);
  return (chain) => later[chain]!;
}

/** For the choices of all chains within a program that is not the first. */
export const laterChoices = ({ key }: Pick<Decisions, "key">, block: number, chains: number): Float32Array =>
  random.host.uniform(random.fold(key, block), chains);

/** Points of trajectories that may become draws: a row for each chain. */
export interface Chosen {
  readonly position: Float32Array<ArrayBuffer>;
  readonly gradient: Float32Array<ArrayBuffer>;
  readonly energy: Float32Array<ArrayBuffer>;
  /** H. */
  readonly total: Float64Array;
}

export const emptyChosen = (rows: number, size: number): Chosen => ({
  position: new Float32Array(rows * size),
  gradient: new Float32Array(rows * size),
  energy: new Float32Array(rows),
  total: new Float64Array(rows),
});

/** Puts row `from` of `source` into row `to` of `target`. */
export function putRow(
  target: Chosen,
  to: number,
  source: { readonly position: Float32Array; readonly gradient: Float32Array },
  from: number,
  { energy, total, size }: { readonly energy: number; readonly total: number; readonly size: number },
): void {
  target.position.set(source.position.subarray(from * size, (from + 1) * size), to * size);
  target.gradient.set(source.gradient.subarray(from * size, (from + 1) * size), to * size);
  target.energy[to] = energy;
  target.total[to] = total;
}

/**
 * What is known of the trajectory of each chain: counts, weights, and the point that may become the
 * next draw.
 */
export class Transition {
  readonly chosen: Chosen;
  readonly startTotal: Float64Array;
  /** log Σ exp(-ΔH) over the trajectory. */
  readonly logWeight: Float64Array;
  /** Σ min(1, exp(-ΔH)) over the leaves of all doublings, and their number. */
  readonly acceptance: Float64Array;
  readonly leaves: Float32Array<ArrayBuffer>;
  readonly depth: Float32Array<ArrayBuffer>;
  readonly divergent: Uint8Array<ArrayBuffer>;
  readonly moved: Uint8Array<ArrayBuffer>;
  /** Chains that still double. */
  readonly active: Uint8Array;
  /** -ΔH of the leaves visited last, by their number in the program. */
  private readonly logWeights = new Float64Array(blockSize);
  private readonly weights = new Float64Array(blockSize);
  /** See {@link pick}. */
  picked = -1;

  readonly chains: number;

  constructor(
    /** T of each chain. */
    private readonly temperatures: Float64Array,
    /** Numbers in a position. */
    readonly size: number,
    private readonly extraTurnChecks: boolean,
  ) {
    const chains = temperatures.length;
    this.chains = chains;
    this.chosen = emptyChosen(chains, size);
    this.startTotal = new Float64Array(chains);
    this.logWeight = new Float64Array(chains);
    this.acceptance = new Float64Array(chains);
    this.leaves = new Float32Array(chains);
    this.depth = new Float32Array(chains);
    this.divergent = new Uint8Array(chains);
    this.moved = new Uint8Array(chains);
    this.active = new Uint8Array(chains).fill(1);
  }

  /** H of leaf `n` in row `row` of a program's leaves, which belongs to `chain`. */
  totalAt({ energy, products, count }: Leaves, row: number, chain: number, n: number): number {
    const rows = energy.length / count;
    return energy[n * rows + row]! / this.temperatures[chain]! + products[(row * count + n) * count + n]! / 2;
  }

  reportOf(chain: number): ChainReport {
    return {
      total: this.chosen.total[chain]!,
      startTotal: this.startTotal[chain]!,
      acceptance: this.acceptance[chain]!,
      leaves: this.leaves[chain]!,
      depth: this.depth[chain]!,
      divergent: this.divergent[chain] === 1,
      moved: this.moved[chain] === 1,
    };
  }

  /** The chosen points as tensors, the positions like `like`. */
  chosenAs<X extends TensorTree>(like: X): { position: X; energy: tf.Tensor1D; gradient: X } {
    const { position, energy, gradient } = this.chosen;
    return {
      position: fromNumbers(position, [this.chains], like),
      energy: tf.tensor1d(energy),
      gradient: fromNumbers(gradient, [this.chains], like),
    };
  }

  /**
   * Makes leaf `n` of a row, which belongs to `chain`, the chosen one of the same row of `target`.
   */
  choose(target: Chosen, leaves: Leaves, row: number, chain: number, n: number): void {
    putRow(target, row, leaves, row * leaves.count + n, {
      energy: leaves.energy[(n * leaves.energy.length) / leaves.count + row]!,
      total: this.totalAt(leaves, row, chain, n),
      size: this.size,
    });
  }

  /**
   * Visits leaves `from` to `to` - 1 of a row that belongs to `chain`, in the order they were
   * grown, up to the first that diverges or ends a span that turns back.
   *
   * @returns whether all were visited
   */
  visit(leaves: Leaves, row: number, chain: number, from: number, to: number): boolean {
    for (let n = from; n < to; n++) {
      const error = this.totalAt(leaves, row, chain, n) - this.startTotal[chain]!;
      this.leaves[chain]! += 1;
      if (!Number.isFinite(error) || error > divergenceLimit) {
        this.divergent[chain] = 1;
        return false;
      }
      this.acceptance[chain]! += Math.min(1, Math.exp(-error));
      this.logWeights[n] = -error;
      if (turnedAt(leaves, row, from, n - from, this.extraTurnChecks)) return false;
    }
    return true;
  }

  /**
   * Picks one of the leaves `from` to `to` - 1, the ones visited last, or what was chosen before,
   * in proportion to the weights.
   *
   * The leaf is put into `picked`, -1 for what was chosen before. `u` is uniform in [0, 1).
   *
   * @returns the log of the sum of all these weights
   */
  pick(from: number, to: number, logBefore: number, u: number): number {
    let highest = logBefore;
    for (let n = from; n < to; n++) highest = Math.max(highest, this.logWeights[n]!);
    const before = Math.exp(logBefore - highest);
    let total = before;
    for (let n = from; n < to; n++) total += this.weights[n] = Math.exp(this.logWeights[n]! - highest);
    let rest = u * total - before;
    let leaf = rest < 0 ? -1 : from;
    while (leaf >= 0 && leaf < to - 1 && (rest -= this.weights[leaf]!) >= 0) leaf += 1;
    this.picked = leaf;
    return highest + Math.log(total);
  }

  /**
   * Adds a complete half to a chain's trajectory.
   *
   * @returns whether the half has the chosen point
   */
  join(chain: number, logHalf: number, decisions: Decisions): boolean {
    const before = this.logWeight[chain]!;
    const [high, low] = before > logHalf ? [before, logHalf] : [logHalf, before];
    this.logWeight[chain] = high + Math.log1p(Math.exp(low - high));
    const takes = takesHalf(decisions, chain, Math.exp(logHalf - before));
    if (takes) this.moved[chain] = 1;
    return takes;
  }

  /**
   * Evaluates the first doublings, one for each of `decisions`.
   *
   * @returns the leaf at the far edge of each chain; the near edge is the last leaf
   */
  open(leaves: Leaves, decisions: readonly Decisions[]): Int32Array {
    const far = new Int32Array(this.chains);
    const choices = decisions.map((own) => choicesOf(own, 0, this.chains));
    for (let chain = 0; chain < this.chains; chain++) {
      this.startTotal[chain] = this.totalAt(leaves, chain, chain, 0);
      far[chain] = this.openChain(leaves, decisions, choices, chain);
      this.choose(this.chosen, leaves, chain, chain, this.picked);
    }
    return far;
  }

  /** Sets `picked` to the chosen leaf of a chain. @returns its far edge */
  private openChain(
    leaves: Leaves,
    decisions: readonly Decisions[],
    choices: readonly ((chain: number) => number)[],
    chain: number,
  ): number {
    let [chosen, near, far] = [0, 0, 0];
    for (let k = 0; k < decisions.length && this.active[chain]; k++) {
      const here = decisions[k]!;
      if (k > 0 && directionOf(here, chain) !== directionOf(decisions[k - 1]!, chain)) [near, far] = [far, near];
      const [from, to] = [2 ** k, 2 ** (k + 1)];
      this.depth[chain]! += 1;
      if (this.visit(leaves, chain, chain, from, to)) {
        const logHalf = this.pick(from, to, -Infinity, choices[k]!(chain));
        if (this.join(chain, logHalf, here)) chosen = this.picked;
        this.active[chain] = this.turnedJoining(leaves, chain, from, near, far) ? 0 : 1;
      } else {
        this.active[chain] = 0;
      }
      near = to - 1;
    }
    this.picked = chosen;
    return far;
  }

  /**
   * Whether leaves 0 to 2 `from` - 1 turn back. Those before `from` end at `near` and `far`; the
   * others grew from `near`.
   */
  private turnedJoining(leaves: Leaves, chain: number, from: number, near: number, far: number): boolean {
    const last = 2 * from - 1;
    if (turned(leaves, chain, 0, last, far, last)) return true;
    return (
      this.extraTurnChecks &&
      from > 1 &&
      (turned(leaves, chain, 0, from, far, from) || turned(leaves, chain, from, last, near, last, near))
    );
  }
}
