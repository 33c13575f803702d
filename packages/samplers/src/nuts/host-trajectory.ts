/**
 * The transition of one chain on the host, in float64: the same trees as those of `doubling.ts`,
 * leaf by leaf.
 */
import { divergenceLimit } from "../metropolis.js";
import type { HostEnergy } from "./host-energy.js";
import { pull, stretch, type HostMetric } from "./host-metric.js";
import { blockSize } from "./leaves.js";
import { directionOf, takesHalf, type Decisions } from "./transition.js";

/** An end of a trajectory: position, momentum q, and Sᵀ∇E/T. */
interface End {
  readonly x: Float64Array;
  readonly q: Float64Array;
  readonly w: Float64Array;
}

/** A span of leaves in the order of their growth: the momenta of its ends, and their sum. */
interface Span {
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly sum: Float64Array;
}

const zeros = (size: number): Float64Array => new Float64Array(size);
const endOf = (size: number): End => ({ x: zeros(size), q: zeros(size), w: zeros(size) });
const spanOf = (size: number): Span => ({ first: zeros(size), last: zeros(size), sum: zeros(size) });

function copyEnd(from: End, to: End): void {
  to.x.set(from.x);
  to.q.set(from.q);
  to.w.set(from.w);
}

/** Whether a span with these ends turns back. ρ is the sum of momenta, and `more` if given. */
function turned(first: Float64Array, last: Float64Array, sum: Float64Array, more?: Float64Array): boolean {
  let [before, after] = [0, 0];
  for (let i = 0; i < sum.length; i++) {
    const rho = sum[i]! + (more === undefined ? 0 : more[i]!) - (first[i]! + last[i]!) / 2;
    before += first[i]! * rho;
    after += last[i]! * rho;
  }
  // Not "<= 0": a span with a NaN turns back too.
  return !(before > 0 && after > 0);
}

/** What the transition of a chain needs to know. */
export interface ChainMotion {
  readonly chain: number;
  readonly stepSize: number;
  readonly temperature: number;
  readonly metric: HostMetric;
  /** The random decisions of doubling number `depth`. */
  decisionsAt(depth: number): Decisions;
  /** The number that decides the choice within a block of leaves, in [0, 1). */
  choiceAt(depth: number, block: number): number;
}

/** Trajectories of chains with an energy, one at a time. Its fields describe the last one. */
export class HostTrajectory {
  /** Where the chain is, and is moved to. */
  readonly position: Float64Array;
  /** H of the chosen point, and of the start. */
  total = 0;
  startTotal = 0;
  acceptance = 0;
  leaves = 0;
  depth = 0;
  divergent = false;
  moved = false;

  private readonly ends: readonly [End, End];
  private readonly at: End;
  private readonly sum: Float64Array;
  private readonly shift: Float64Array;
  private readonly stack: Span[] = [];
  private readonly newer: Span;
  private readonly joinedSum: Float64Array;
  /** Positions and H of the leaves of a block. */
  private readonly block: Float64Array;
  private readonly totals = zeros(blockSize);
  private readonly weights = zeros(blockSize);
  private readonly half: Float64Array;
  private halfTotal = 0;
  private logHalf = 0;
  private readonly size: number;

  constructor(
    private readonly energy: HostEnergy,
    private readonly options: { readonly maxDepth: number; readonly extraTurnChecks: boolean },
  ) {
    const { size } = energy;
    this.size = size;
    this.position = zeros(size);
    this.ends = [endOf(size), endOf(size)];
    this.at = endOf(size);
    this.sum = zeros(size);
    this.shift = zeros(size);
    this.newer = spanOf(size);
    this.joinedSum = zeros(size);
    this.block = zeros(blockSize * size);
    this.half = zeros(size);
  }

  /**
   * One transition from `position`, where E and ∇E are these, with the momentum q.
   *
   * @param q standard normal numbers `[size]`
   */
  run(energy: number, gradient: Float64Array, q: ArrayLike<number>, motion: ChainMotion): void {
    const { ends, sum, size } = this;
    const [left, right] = ends;
    this.begin(right, energy, gradient, q, motion);
    copyEnd(right, left);
    sum.set(right.q);
    this.acceptance = this.leaves = this.depth = 0;
    this.divergent = this.moved = false;
    let logWeight = 0;
    for (let going = true; going && this.depth < this.options.maxDepth;) {
      const decisions = motion.decisionsAt(this.depth);
      const direction = directionOf(decisions, motion.chain);
      const [near, far] = direction > 0 ? [right, left] : [left, right];
      const complete = this.grow(near, direction, motion);
      this.depth += 1;
      if (!complete) return;
      if (takesHalf(decisions, motion.chain, Math.exp(this.logHalf - logWeight))) {
        this.moved = true;
        this.position.set(this.half);
        this.total = this.halfTotal;
      }
      const [high, low] = logWeight > this.logHalf ? [logWeight, this.logHalf] : [this.logHalf, logWeight];
      logWeight = high + Math.log1p(Math.exp(low - high));
      const older = { first: far.q, last: near.q, sum };
      going = !this.turnedJoining(older, this.newer);
      for (let i = 0; i < size; i++) sum[i]! += this.newer.sum[i]!;
      copyEnd(this.at, near);
    }
  }

  /** ΔH of one leapfrog step from `position`, as {@link run}. */
  probe(energy: number, gradient: Float64Array, q: ArrayLike<number>, motion: ChainMotion): number {
    this.begin(this.at, energy, gradient, q, motion);
    return this.leapfrog(motion.stepSize, motion) - this.startTotal;
  }

  /** Puts an end where the chain is, with the momentum q. */
  private begin(
    end: End,
    energy: number,
    gradient: Float64Array,
    q: ArrayLike<number>,
    { metric, temperature }: ChainMotion,
  ): void {
    end.x.set(this.position);
    end.q.set(q);
    pull(metric, gradient, end.w, 1 / temperature);
    let kinetic = 0;
    for (let i = 0; i < this.size; i++) kinetic += q[i]! ** 2;
    this.startTotal = this.total = energy / temperature + kinetic / 2;
  }

  /** One leapfrog step of `at`. @returns H */
  private leapfrog(stepSize: number, { chain, metric, temperature }: ChainMotion): number {
    const { at, shift, size, energy } = this;
    const { x, q, w } = at;
    for (let i = 0; i < size; i++) q[i]! -= (stepSize / 2) * w[i]!;
    stretch(metric, q, shift);
    for (let i = 0; i < size; i++) x[i]! += stepSize * shift[i]!;
    const value = energy.energyAt(x, 0, chain);
    pull(metric, energy.gradient, w, 1 / temperature);
    let kinetic = 0;
    for (let i = 0; i < size; i++) {
      q[i]! -= (stepSize / 2) * w[i]!;
      kinetic += q[i]! ** 2;
    }
    return value / temperature + kinetic / 2;
  }

  /**
   * Grows 2^depth leaves from an end. The new half is left in `newer`, `half` and `logHalf`, and
   * its last leaf in `at`.
   *
   * @returns whether none diverged and no span of them turned back
   */
  private grow(near: End, direction: 1 | -1, motion: ChainMotion): boolean {
    const { at, block, size, newer } = this;
    copyEnd(near, at);
    const count = 2 ** this.depth;
    const perBlock = Math.min(count, blockSize);
    this.logHalf = -Infinity;
    let top = 0;
    for (let n = 0; n < count; n++) {
      const total = this.leapfrog(direction * motion.stepSize, motion);
      const error = total - this.startTotal;
      this.leaves += 1;
      if (!Number.isFinite(error) || error > divergenceLimit) {
        this.divergent = true;
        return false;
      }
      this.acceptance += Math.min(1, Math.exp(-error));
      const k = n % perBlock;
      block.set(at.x, k * size);
      this.totals[k] = total;
      newer.first.set(at.q);
      newer.last.set(at.q);
      newer.sum.set(at.q);
      for (let ended = n; ended % 2 === 1; ended >>= 1) {
        const older = this.stack[--top]!;
        if (this.turnedJoining(older, newer)) return false;
        newer.first.set(older.first);
        for (let i = 0; i < size; i++) newer.sum[i]! += older.sum[i]!;
      }
      if (k === perBlock - 1) this.pick(perBlock, motion.choiceAt(this.depth, (n - k) / blockSize));
      if (n === count - 1) break;
      const kept = (this.stack[top++] ??= spanOf(size));
      kept.first.set(newer.first);
      kept.last.set(newer.last);
      kept.sum.set(newer.sum);
    }
    return true;
  }

  /**
   * Whether two spans, joined, turn back; with further checks, each with the nearest leaf of the
   * other.
   */
  private turnedJoining(older: Span, newer: Span): boolean {
    const { joinedSum, size } = this;
    for (let i = 0; i < size; i++) joinedSum[i] = older.sum[i]! + newer.sum[i]!;
    if (turned(older.first, newer.last, joinedSum)) return true;
    return (
      this.options.extraTurnChecks &&
      (turned(older.first, newer.first, older.sum, newer.first) ||
        turned(older.last, newer.last, newer.sum, older.last))
    );
  }

  /** Chooses among the leaves of a block and what was chosen before, by their weights. */
  private pick(count: number, u: number): void {
    const { totals, weights, startTotal, size } = this;
    let highest = this.logHalf;
    for (let n = 0; n < count; n++) highest = Math.max(highest, startTotal - totals[n]!);
    const before = Math.exp(this.logHalf - highest);
    let total = before;
    for (let n = 0; n < count; n++) total += weights[n] = Math.exp(startTotal - totals[n]! - highest);
    this.logHalf = highest + Math.log(total);
    let rest = u * total - before;
    if (rest < 0) return;
    let leaf = 0;
    while (leaf < count - 1 && (rest -= weights[leaf]!) >= 0) leaf += 1;
    this.half.set(this.block.subarray(leaf * size, (leaf + 1) * size));
    this.halfTotal = totals[leaf]!;
  }
}
