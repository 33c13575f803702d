/**
 * What a transition knows of each chain while its trajectory grows: counts, weights, and the point that may become the next draw.
 *
 * Weights and counts are float64, and only the chains that still grow cost anything.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorTree } from "@ergodic/tensor";
import { divergenceLimit } from "../metropolis.js";
import { fromNumbers } from "../rows.js";
import { blockSize, type Leaves } from "./leaves.js";
import { emptyChosen, putRow, type Chosen } from "./chosen.js";
import { choicesOf, directionOf, takesHalf, type Decisions } from "./decisions.js";
import { turned, turnedAt } from "./products.js";

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
  /** -ΔH of the leaves walked last, by their number in the program. */
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

  /** The chosen points as tensors, the positions like `like`. */
  chosenAs<X extends TensorTree>(like: X): { position: X; energy: tf.Tensor1D; gradient: X } {
    const { position, energy, gradient } = this.chosen;
    return {
      position: fromNumbers(position, [this.chains], like),
      energy: tf.tensor1d(energy),
      gradient: fromNumbers(gradient, [this.chains], like),
    };
  }

  /** Makes leaf `n` of a row, which belongs to `chain`, the chosen one of the same row of `target`. */
  choose(target: Chosen, leaves: Leaves, row: number, chain: number, n: number): void {
    putRow(target, row, leaves, row * leaves.count + n, {
      energy: leaves.energy[(n * leaves.energy.length) / leaves.count + row]!,
      total: this.totalAt(leaves, row, chain, n),
      size: this.size,
    });
  }

  /**
   * Visits leaves `from` to `to` - 1 of a row that belongs to `chain`, in the order they were grown, up to the first that diverges or ends a span
   * that turns back.
   *
   * @returns whether it came to the end
   */
  walk(leaves: Leaves, row: number, chain: number, from: number, to: number): boolean {
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
   * The log of the sum of the weights of leaves `from` to `to` - 1, the ones walked last, and of what there was before; and in `picked` one of
   * them, or -1 for what there was before, in proportion to the weights. `u` is uniform in [0, 1).
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

  /** Adds a complete half to the trajectory of a chain. @returns whether the chosen point is to be one of it. */
  join(chain: number, logHalf: number, decisions: Decisions): boolean {
    const before = this.logWeight[chain]!;
    const [high, low] = before > logHalf ? [before, logHalf] : [logHalf, before];
    this.logWeight[chain] = high + Math.log1p(Math.exp(low - high));
    const takes = takesHalf(decisions, chain, Math.exp(logHalf - before));
    if (takes) this.moved[chain] = 1;
    return takes;
  }

  /** Takes in the first doublings, one for each of `decisions`. @returns which leaf is the far edge of each chain, the near one being the last. */
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
      if (this.walk(leaves, chain, chain, from, to)) {
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

  /** Whether leaves 0 to 2 `from` - 1 turn back, of which those before `from` end at `near` and `far`, and the others grew from `near`. */
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
