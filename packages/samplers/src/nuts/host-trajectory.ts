/**
 * The transition of one chain on the host, in float64: the same trees as those of `doubling.ts`,
 * leaf by leaf.
 *
 * A leaf of a small energy takes a microsecond, so nothing is allocated for a leaf: views of arrays
 * cost more than a copy of ten numbers.
 */
import { divergenceLimit } from "../metropolis.js";
import type { HostEnergy } from "./host-energy.js";
import type { HostMetric, Stride } from "./host-metric.js";
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
  first: Float64Array;
  last: Float64Array;
  readonly sum: Float64Array;
}

const zeros = (size: number): Float64Array => new Float64Array(size);
const endOf = (size: number): End => ({ x: zeros(size), q: zeros(size), w: zeros(size) });
const spanOf = (size: number): Span => ({ first: zeros(size), last: zeros(size), sum: zeros(size) });

/**
 * Whether two spans, joined, turn back; with further checks, each with the nearest leaf of the
 * other.
 *
 * A span with the ends p₋ and p₊ and the sum of momenta ρ turns back where p₋·ρ̃ ≤ 0 or p₊·ρ̃ ≤ 0,
 * with ρ̃ = ρ - ½(p₋ + p₊).
 *
 * @param joined is given the sum of momenta of both; may be that of one of them
 */
function turnedJoining(older: Span, newer: Span, joined: Float64Array, extraChecks: boolean): boolean {
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
  return extraChecks && !(olderFirst > 0 && olderLast > 0 && newerFirst > 0 && newerLast > 0);
}

/** The random decisions of a transition of all chains. */
export interface TransitionDecisions {
  /** Those of doubling number `depth`. */
  at(depth: number): Decisions;
  /** The number that decides the choice of a chain within a block of leaves, in [0, 1). */
  choice(chain: number, depth: number, block: number): number;
}

/** How a chain moves. */
export interface ChainMotion {
  readonly chain: number;
  readonly stepSize: number;
  readonly temperature: number;
  readonly metric: HostMetric;
}

const strideOf = (step: number, temperature: number): Stride => ({ step, half: step / 2, factor: 1 / temperature });

/** Trajectories of chains with an energy, one at a time. Its fields describe the last one. */
export class HostTrajectory {
  /** H of the chosen point, and of the start. */
  total = 0;
  startTotal = 0;
  acceptance = 0;
  leaves = 0;
  depth = 0;
  divergent = false;
  moved = false;

  private readonly ends: readonly [End, End];
  /** The end that grows. */
  private at: End;
  /** The momentum at this end before it grew. */
  private readonly edge: Float64Array;
  private readonly sum: Float64Array;
  private readonly stack: Span[] = [];
  private newer: Span;
  /** Positions and H of the leaves of a block. */
  private readonly block: readonly Float64Array[];
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
    this.ends = [endOf(size), endOf(size)];
    this.at = this.ends[0];
    this.edge = zeros(size);
    this.sum = zeros(size);
    this.newer = spanOf(size);
    this.block = Array.from({ length: blockSize }, () => zeros(size));
    this.half = zeros(size);
  }

  /**
   * One transition of a chain, whose position is moved.
   *
   * @param positions of all chains, `[chains, size]`
   * @param momenta standard normal numbers `[chains, size]`
   */
  run(positions: Float64Array, momenta: Float32Array, motion: ChainMotion, decisions: TransitionDecisions): void {
    const { ends, sum, size, edge, options } = this;
    const [left, right] = ends;
    const { chain } = motion;
    this.begin(left, positions, momenta, motion);
    right.x.set(left.x);
    right.q.set(left.q);
    right.w.set(left.w);
    sum.set(left.q);
    this.acceptance = this.leaves = this.depth = 0;
    this.divergent = this.moved = false;
    let logWeight = 0;
    for (let going = true; going && this.depth < options.maxDepth;) {
      const own = decisions.at(this.depth);
      const direction = directionOf(own, chain);
      const far = direction > 0 ? left : right;
      this.at = direction > 0 ? right : left;
      edge.set(this.at.q);
      const complete = this.grow(direction, motion, decisions);
      this.depth += 1;
      if (!complete) return;
      if (takesHalf(own, chain, Math.exp(this.logHalf - logWeight))) {
        this.moved = true;
        positions.set(this.half, chain * size);
        this.total = this.halfTotal;
      }
      const high = Math.max(logWeight, this.logHalf);
      logWeight = high + Math.log1p(Math.exp(Math.min(logWeight, this.logHalf) - high));
      going = !turnedJoining({ first: far.q, last: edge, sum }, this.newer, sum, options.extraTurnChecks);
    }
  }

  /** ΔH of one leapfrog step of a chain, which is not moved. */
  probe(positions: Float64Array, momenta: Float32Array, motion: ChainMotion): number {
    this.at = this.ends[0];
    this.begin(this.at, positions, momenta, motion);
    return this.leapfrog(strideOf(motion.stepSize, motion.temperature), motion) - this.startTotal;
  }

  /** Puts an end where the chain is. */
  private begin(
    end: End,
    positions: Float64Array,
    momenta: Float32Array,
    { chain, metric, temperature }: ChainMotion,
  ): void {
    const { size, energy } = this;
    const { x, q, w } = end;
    for (let i = 0, from = chain * size; i < size; i++, from++) {
      x[i] = positions[from]!;
      q[i] = momenta[from]!;
    }
    const value = energy.energyAt(x, 0, chain);
    const squares = metric.kick(metric.scale, energy.gradient, w, q, strideOf(0, temperature));
    this.startTotal = this.total = value / temperature + squares / 2;
  }

  /** One leapfrog step of `at`. @returns H */
  private leapfrog(stride: Stride, { chain, metric, temperature }: ChainMotion): number {
    const { energy } = this;
    const { x, q, w } = this.at;
    metric.drift(metric.scale, q, w, x, stride);
    const value = energy.energyAt(x, 0, chain);
    const squares = metric.kick(metric.scale, energy.gradient, w, q, stride);
    return value / temperature + squares / 2;
  }

  /**
   * Grows 2^depth leaves from `at`. The new half is left in `newer`, `half` and `logHalf`.
   *
   * @returns whether none diverged and no span of them turned back
   */
  private grow(direction: 1 | -1, motion: ChainMotion, decisions: TransitionDecisions): boolean {
    const { extraTurnChecks } = this.options;
    const stride = strideOf(direction * motion.stepSize, motion.temperature);
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
      this.totals[k] = total;
      this.keep(k);
      for (let ended = n; ended % 2 === 1; ended >>= 1) {
        const older = this.stack[--top]!;
        const { newer } = this;
        if (turnedJoining(older, newer, newer.sum, extraTurnChecks)) return false;
        [newer.first, older.first] = [older.first, newer.first];
      }
      if (k === perBlock - 1) this.pick(perBlock, decisions.choice(motion.chain, this.depth, (n - k) / blockSize));
      if (n === count - 1) break;
      const spare = (this.stack[top] ??= spanOf(this.size));
      this.stack[top++] = this.newer;
      this.newer = spare;
    }
    return true;
  }

  /** Puts leaf `at` into place k of the block, and makes it the newer span. */
  private keep(k: number): void {
    const { x, q } = this.at;
    const { first, last, sum } = this.newer;
    this.block[k]!.set(x);
    first.set(q);
    last.set(q);
    sum.set(q);
  }

  /** Chooses among the leaves of a block and what was chosen before, by their weights. */
  private pick(count: number, u: number): void {
    const { totals, weights, startTotal } = this;
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
    this.half.set(this.block[leaf]!);
    this.halfTotal = totals[leaf]!;
  }
}
