/**
 * The transition of one chain on the host, in float64: the same trees as those of `doubling.ts`,
 * leaf by leaf.
 *
 * A leaf of a small energy takes a microsecond, so nothing is allocated for a leaf: views of arrays
 * cost more than a copy of ten numbers.
 */
import type { EnergyOfChain } from "./host-energy.js";
import type { HostMetric, Stride } from "./host-metric.js";
import type { ChainReport } from "./records.js";

/** An end of a trajectory: position, momentum q, and Sᵀ∇E/T. */
interface End {
  readonly x: Float64Array;
  readonly q: Float64Array;
  readonly w: Float64Array;
}

/** A span of leaves in the order of their growth: the momenta of its ends, and their sum. */
interface Span {
  first: Float64Array;
  last: Float64Array;
  readonly sum: Float64Array;
}

/** The random decisions of a transition of all chains, each in [0, 1). */
export interface TransitionDecisions {
  /** The number of doublings whose decisions are known. */
  readonly doublings: number;
  /** The trajectory grows to the right below one half. */
  direction(chain: number, depth: number): number;
  /** A new half is taken below its weight over that of the old. */
  join(chain: number, depth: number): number;
  /** Chooses within a block of leaves. */
  choice(chain: number, depth: number, block: number): number;
}

/** How a chain moves. */
export interface ChainMotion {
  readonly chain: number;
  readonly stepSize: number;
  readonly temperature: number;
  readonly metric: HostMetric;
}

/** Where the numbers of a chain begin in an array. */
export interface Place<A> {
  readonly values: A;
  readonly from: number;
}

export interface TrajectoryOptions {
  readonly maxDepth: number;
  readonly extraTurnChecks: boolean;
  /** Leaves among which a choice is made at once. */
  readonly blockSize: number;
  /** The ΔH from which a trajectory diverges. */
  readonly divergenceLimit: number;
}

/** Trajectories of chains with an energy, one at a time. Its fields describe the last one. */
export interface HostTrajectory extends ChainReport {
  /** The chosen point. */
  readonly chosen: Float64Array;
  /**
   * One transition of a chain.
   *
   * @param position of the chain, which is not moved
   * @param momentum standard normal numbers
   * @returns whether the trajectory ended before the decisions did
   */
  run(
    position: Place<Float64Array>,
    momentum: Place<Float32Array>,
    motion: ChainMotion,
    decisions: TransitionDecisions,
  ): boolean;
  /** ΔH of one leapfrog step of a chain, which is not moved. */
  probe(position: Place<Float64Array>, momentum: Place<Float32Array>, motion: ChainMotion): number;
}

/**
 * Makes trajectories of an energy.
 *
 * Threads run it too: it uses nothing but its arguments, and its functions are methods, whose names
 * no tool that makes smaller code writes down with a function of its own.
 */
export function hostTrajectory(
  energy: EnergyOfChain,
  { maxDepth, extraTurnChecks, blockSize, divergenceLimit }: TrajectoryOptions,
): HostTrajectory {
  const { size, gradient } = energy;
  const [left, right] = [0, 1].map(() => ({
    x: new Float64Array(size),
    q: new Float64Array(size),
    w: new Float64Array(size),
  })) as [End, End];
  /** The momentum at the end that grows, before it grew. */
  const edge = new Float64Array(size);
  /** Σ q over the trajectory. */
  const sum = new Float64Array(size);
  /** Positions, H and weights of the leaves of a block. */
  const block = Array.from({ length: blockSize }, () => new Float64Array(size));
  const totals = new Float64Array(blockSize);
  const weights = new Float64Array(blockSize);
  /** The choice among the leaves of the new half. */
  const half = new Float64Array(size);
  const stack: Span[] = [];
  const older: Span = { first: edge, last: edge, sum };
  const trajectory = {
    total: 0,
    startTotal: 0,
    acceptance: 0,
    leaves: 0,
    depth: 0,
    divergent: false,
    moved: false,
    chosen: new Float64Array(size),
    /** The end that grows, and the latest span. */
    at: left,
    newer: { first: new Float64Array(size), last: new Float64Array(size), sum: new Float64Array(size) } as Span,
    halfTotal: 0,
    logHalf: 0,

    run(
      position: Place<Float64Array>,
      momentum: Place<Float32Array>,
      motion: ChainMotion,
      decisions: TransitionDecisions,
    ): boolean {
      const { chain } = motion;
      this.begin(left, position, momentum, motion);
      right.x.set(left.x);
      right.q.set(left.q);
      right.w.set(left.w);
      sum.set(left.q);
      this.acceptance = this.leaves = this.depth = 0;
      this.divergent = this.moved = false;
      let logWeight = 0;
      for (let going = true; going && this.depth < maxDepth;) {
        if (this.depth === decisions.doublings) return false;
        const direction = decisions.direction(chain, this.depth) < 0.5 ? 1 : -1;
        const odds = decisions.join(chain, this.depth);
        const far = direction > 0 ? left : right;
        this.at = direction > 0 ? right : left;
        edge.set(this.at.q);
        const complete = this.grow(direction, motion, decisions);
        this.depth += 1;
        if (!complete) return true;
        if (odds < Math.exp(this.logHalf - logWeight)) {
          this.moved = true;
          this.chosen.set(half);
          this.total = this.halfTotal;
        }
        const high = Math.max(logWeight, this.logHalf);
        logWeight = high + Math.log1p(Math.exp(Math.min(logWeight, this.logHalf) - high));
        older.first = far.q;
        going = !this.turnedJoining(older, this.newer, sum);
      }
      return true;
    },

    probe(position: Place<Float64Array>, momentum: Place<Float32Array>, motion: ChainMotion): number {
      this.at = left;
      this.begin(left, position, momentum, motion);
      return this.leapfrog(this.strideOf(motion.stepSize, motion.temperature), motion) - this.startTotal;
    },

    span(): Span {
      return { first: new Float64Array(size), last: new Float64Array(size), sum: new Float64Array(size) };
    },

    strideOf(step: number, temperature: number): Stride {
      return { step, half: step / 2, factor: 1 / temperature };
    },

    /** Puts an end where the chain is. */
    begin(
      { x, q, w }: End,
      { values, from }: Place<Float64Array>,
      momentum: Place<Float32Array>,
      { chain, metric, temperature }: ChainMotion,
    ): void {
      for (let i = 0; i < size; i++) {
        x[i] = values[from + i]!;
        q[i] = momentum.values[momentum.from + i]!;
      }
      const value = energy.energyAt(x, 0, chain);
      const squares = metric.kick(metric.scale, gradient, w, q, this.strideOf(0, temperature));
      this.startTotal = this.total = value / temperature + squares / 2;
    },

    /** One leapfrog step of `at`. @returns H */
    leapfrog(stride: Stride, { chain, metric, temperature }: ChainMotion): number {
      const { x, q, w } = this.at;
      metric.drift(metric.scale, q, w, x, stride);
      const value = energy.energyAt(x, 0, chain);
      const squares = metric.kick(metric.scale, gradient, w, q, stride);
      return value / temperature + squares / 2;
    },

    /**
     * Grows 2^depth leaves from `at`. The new half is left in `newer`, `half` and `logHalf`.
     *
     * @returns whether none diverged and no span of them turned back
     */
    grow(direction: 1 | -1, motion: ChainMotion, decisions: TransitionDecisions): boolean {
      const stride = this.strideOf(direction * motion.stepSize, motion.temperature);
      const count = 2 ** this.depth;
      const perBlock = Math.min(count, blockSize);
      this.logHalf = -Infinity;
      let top = 0;
      for (let n = 0; n < count; n++) {
        const total = this.leapfrog(stride, motion);
        const error = total - this.startTotal;
        this.leaves += 1;
        if (!Number.isFinite(error) || error > divergenceLimit) {
          this.divergent = true;
          return false;
        }
        this.acceptance += Math.min(1, Math.exp(-error));
        const k = n % perBlock;
        totals[k] = total;
        this.keep(k);
        for (let ended = n; ended % 2 === 1; ended >>= 1) {
          const before = stack[--top]!;
          const { newer } = this;
          if (this.turnedJoining(before, newer, newer.sum)) return false;
          const { first } = newer;
          newer.first = before.first;
          before.first = first;
        }
        if (k === perBlock - 1) this.pick(perBlock, decisions.choice(motion.chain, this.depth, (n - k) / blockSize));
        if (n === count - 1) break;
        const spare = (stack[top] ??= this.span());
        stack[top++] = this.newer;
        this.newer = spare;
      }
      return true;
    },

    /** Puts leaf `at` into place k of the block, and makes it the newer span. */
    keep(k: number): void {
      const { x, q } = this.at;
      const { first, last, sum } = this.newer;
      block[k]!.set(x);
      first.set(q);
      last.set(q);
      sum.set(q);
    },

    /** Chooses among the leaves of a block and what was chosen before, by their weights. */
    pick(count: number, u: number): void {
      const { startTotal } = this;
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
      half.set(block[leaf]!);
      this.halfTotal = totals[leaf]!;
    },

    /**
     * Whether two spans, joined, turn back; with further checks, each with the nearest leaf of the
     * other.
     *
     * A span with the ends p₋ and p₊ and the sum of momenta ρ turns back where p₋·ρ̃ ≤ 0 or p₊·ρ̃ ≤ 0,
     * with ρ̃ = ρ - ½(p₋ + p₊).
     *
     * @param joined is given the sum of momenta of both; may be that of one of them
     */
    turnedJoining(older: Span, newer: Span, joined: Float64Array): boolean {
      const { first: a, last: b, sum: before } = older;
      const { first: c, last: d, sum: after } = newer;
      let wholeFirst = 0;
      let wholeLast = 0;
      let olderFirst = 0;
      let olderLast = 0;
      let newerFirst = 0;
      let newerLast = 0;
      for (let i = 0; i < joined.length; i++) {
        const ai = a[i]!;
        const bi = b[i]!;
        const ci = c[i]!;
        const di = d[i]!;
        const sum = before[i]! + after[i]!;
        const whole = sum - (ai + di) / 2;
        wholeFirst += ai * whole;
        wholeLast += di * whole;
        const withNext = before[i]! + ci - (ai + ci) / 2;
        olderFirst += ai * withNext;
        olderLast += ci * withNext;
        const withLast = after[i]! + bi - (bi + di) / 2;
        newerFirst += bi * withLast;
        newerLast += di * withLast;
        joined[i] = sum;
      }
      // Not "<= 0": a span with a NaN turns back too.
      if (!(wholeFirst > 0 && wholeLast > 0)) return true;
      return extraTurnChecks && !(olderFirst > 0 && olderLast > 0 && newerFirst > 0 && newerLast > 0);
    },
  };
  return trajectory;
}
