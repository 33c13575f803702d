/**
 * The trajectory of NUTS, grown by doublings, for all chains at once.
 *
 * Chains double in lock-step, so what depends on the number of a leaf (which spans to test) is known when a program is recorded. A chain
 * that is finished is carried along; what it then computes never reaches its chosen point. All functions are pure.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { chainsOf } from "../chains.js";
import type { Hamiltonian, HamiltonianState, PhasePoint } from "../hamiltonian.js";
import { acceptanceOf, isDivergent } from "../metropolis.js";
import { addScaled, innerPerChain, selectRows } from "../rows.js";
import { spanStarts } from "./spans.js";

/** A point that may become the next draw, with its H. */
type Chosen<X extends TensorTree> = {
  readonly position: X;
  readonly energy: tf.Tensor1D;
  readonly gradient: X;
  readonly total: tf.Tensor1D;
};

/** What is counted over the leaves of all doublings, each `[chains]`. */
type Counts = {
  /** Σ min(1, exp(-ΔH)). */
  readonly acceptance: tf.Tensor1D;
  readonly leaves: tf.Tensor1D;
  readonly divergent: tf.Tensor1D;
};

/** What a transition keeps constant. */
type Setting = {
  /** H where the transition began. */
  readonly startTotal: tf.Tensor1D;
  readonly stepSize: tf.Scalar;
  readonly inverseMass: TensorTree;
};

type Weighted<X extends TensorTree> = {
  readonly chosen: Chosen<X>;
  /** log Σ exp(-ΔH) over the leaves, which multiplies the chance of being chosen. */
  readonly logWeight: tf.Tensor1D;
  readonly momentumSum: X;
};

export type Trajectory<X extends TensorTree> = Counts &
  Setting &
  Weighted<X> & {
    readonly left: PhasePoint<X>;
    readonly right: PhasePoint<X>;
    /** Chains that still double. */
    readonly active: tf.Tensor1D;
    /** Chains whose chosen point is not the first. */
    readonly moved: tf.Tensor1D;
    readonly depth: tf.Tensor1D;
  };

/** The new half of a trajectory while it grows. */
export type Subtree<X extends TensorTree> = Counts &
  Setting &
  Weighted<X> & {
    /** Where it grows. */
    readonly edge: PhasePoint<X>;
    /** +1 to the right, -1 to the left. */
    readonly direction: tf.Tensor1D;
    /** Chains that double and have neither turned nor diverged. */
    readonly growing: tf.Tensor1D;
  };

/** Where a span begins: the momentum of its first leaf and the sum of momenta before it. */
export type SpanStart<X extends TensorTree> = { readonly momentum: X; readonly sumBefore: X };

const both = (a: tf.Tensor, b: tf.Tensor): tf.Tensor1D => tf.logicalAnd(a, b) as tf.Tensor1D;
const butNot = (a: tf.Tensor, b: tf.Tensor): tf.Tensor1D => both(a, tf.logicalNot(b));
const plus = <X extends TensorTree>(a: X, b: X): X => tree.zip((x, y) => tf.add(x, y), a as TensorTree, b) as X;
const minus = <X extends TensorTree>(a: X, b: X): X => tree.zip((x, y) => tf.sub(x, y), a as TensorTree, b) as X;
const asNumber = (mask: tf.Tensor): tf.Tensor => tf.cast(mask, "float32");

/** log(exp a + exp b); a may be -∞. */
function logAdd(a: tf.Tensor1D, b: tf.Tensor1D): tf.Tensor1D {
  return tf.add(tf.maximum(a, b), tf.log1p(tf.exp(tf.neg(tf.abs(tf.sub(a, b))))));
}

/** How many leaves a program grows, and the largest subtree grown in one. */
export const blockSize = 8;

export interface Growth<X extends TensorTree> {
  begin(state: HamiltonianState<X>, key: Key): Trajectory<X>;
  /** A subtree without leaves. */
  sprout(trajectory: Trajectory<X>, key: Key): Subtree<X>;
  /** `count` leaves, a power of two up to `blockSize`, and then a test of the spans that end there and begin at `starts`. */
  grow(
    subtree: Subtree<X>,
    options: { readonly key: Key; readonly count: number; readonly starts: readonly SpanStart<X>[] },
  ): { subtree: Subtree<X>; start: SpanStart<X> };
  join(trajectory: Trajectory<X>, subtree: Subtree<X>, key: Key): Trajectory<X>;
}

export function growth<X extends TensorTree>(system: Hamiltonian<X>): Growth<X> {
  /** Whether a span has turned back at either end: v₋·ρ̃ <= 0 or v₊·ρ̃ <= 0 with ρ̃ = ρ - ½(p₋ + p₊). */
  function turned(first: X, last: X, sum: X, inverseMass: TensorTree): tf.Tensor1D {
    const rho = addScaled(sum, tf.scalar(-0.5), plus(first, last));
    const direction = system.mass.velocity(inverseMass, rho);
    return tf.logicalOr(
      tf.lessEqual(innerPerChain(first, direction), 0),
      tf.lessEqual(innerPerChain(last, direction), 0),
    ) as tf.Tensor1D;
  }

  function leaf(subtree: Subtree<X>, key: Key): Subtree<X> {
    const { direction, stepSize, inverseMass, startTotal, growing } = subtree;
    const step = tf.mul(direction, stepSize);
    const half = tf.mul(0.5, step);
    const edge = system.kick(system.drift(system.kick(subtree.edge, half), step, inverseMass), half);
    const total = system.total(edge, inverseMass);
    const error = tf.sub<tf.Tensor1D>(total, startTotal);
    const weight = tf.neg(error);
    const logWeight = logAdd(subtree.logWeight, weight);
    const better = tf.less(random.uniform(key, error.shape), tf.exp(tf.sub(weight, logWeight)));
    const here: Chosen<X> = { position: edge.position, energy: edge.energy, gradient: edge.gradient, total };
    const divergent = both(growing, isDivergent(error));
    return {
      ...subtree,
      edge,
      chosen: selectRows<TensorTree>(better, here, subtree.chosen) as Chosen<X>,
      logWeight,
      momentumSum: plus(subtree.momentumSum, edge.momentum),
      acceptance: tf.add(subtree.acceptance, tf.mul(asNumber(growing), acceptanceOf(error))),
      leaves: tf.add(subtree.leaves, asNumber(growing)),
      divergent: tf.logicalOr(subtree.divergent, divergent) as tf.Tensor1D,
      growing: butNot(growing, divergent),
    };
  }

  return {
    begin({ position, energy, gradient, stepSize, inverseMass }, key) {
      const momentum = system.mass.momentum(inverseMass, key, position);
      const point = { position, energy, gradient, momentum };
      const total = system.total(point, inverseMass);
      const zeros = tf.zerosLike(energy);
      return {
        left: point,
        right: point,
        chosen: { position, energy, gradient, total },
        logWeight: zeros,
        momentumSum: momentum,
        startTotal: total,
        stepSize,
        inverseMass,
        acceptance: zeros,
        leaves: zeros,
        depth: zeros,
        divergent: tf.zeros([chainsOf(position)], "bool"),
        active: tf.ones([chainsOf(position)], "bool"),
        moved: tf.zeros([chainsOf(position)], "bool"),
      };
    },

    sprout(trajectory, key) {
      const { left, right, active, chosen, acceptance, leaves, divergent } = trajectory;
      const toRight = tf.less(random.uniform(key, active.shape), 0.5);
      return {
        edge: selectRows<TensorTree>(toRight, right, left) as PhasePoint<X>,
        direction: tf.sub(tf.mul(2, asNumber(toRight)), 1) as tf.Tensor1D,
        chosen,
        logWeight: tf.fill(active.shape, -Infinity),
        momentumSum: tree.map((p) => tf.zerosLike(p), left.momentum as TensorTree) as X,
        startTotal: trajectory.startTotal,
        stepSize: trajectory.stepSize,
        inverseMass: trajectory.inverseMass,
        acceptance,
        leaves,
        divergent,
        growing: active,
      };
    },

    grow(subtree, { key, count, starts }) {
      const { inverseMass } = subtree;
      const spans: SpanStart<X>[] = [];
      let grown = subtree;
      const test = ({ momentum, sumBefore }: SpanStart<X>): void => {
        const sum = minus(grown.momentumSum, sumBefore);
        grown = { ...grown, growing: butNot(grown.growing, turned(momentum, grown.edge.momentum, sum, inverseMass)) };
      };
      for (let n = 0; n < count; n++) {
        const sumBefore = grown.momentumSum;
        grown = leaf(grown, random.fold(key, n));
        spans.push({ momentum: grown.edge.momentum, sumBefore });
        for (const start of spanStarts(n)) test(spans[start]!);
      }
      starts.forEach(test);
      return { subtree: grown, start: spans[0]! };
    },

    join(trajectory, subtree, key) {
      const { growing, direction, edge, acceptance, leaves, divergent, inverseMass } = subtree;
      const toRight = tf.greater(direction, 0);
      const left = selectRows<TensorTree>(toRight, trajectory.left, edge) as PhasePoint<X>;
      const right = selectRows<TensorTree>(toRight, edge, trajectory.right) as PhasePoint<X>;
      const momentumSum = plus(trajectory.momentumSum, subtree.momentumSum);
      const odds = tf.exp(tf.sub(subtree.logWeight, trajectory.logWeight));
      const moves = both(growing, tf.less(random.uniform(key, odds.shape as [number]), odds));
      return {
        ...trajectory,
        left,
        right,
        momentumSum,
        chosen: selectRows<TensorTree>(moves, subtree.chosen, trajectory.chosen) as Chosen<X>,
        logWeight: logAdd(trajectory.logWeight, subtree.logWeight),
        acceptance,
        leaves,
        divergent,
        moved: tf.logicalOr(trajectory.moved, moves) as tf.Tensor1D,
        depth: tf.add(trajectory.depth, asNumber(trajectory.active)),
        active: butNot(growing, turned(left.momentum, right.momentum, momentumSum, inverseMass)),
      };
    },
  };
}
