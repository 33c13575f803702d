/** The new half of trajectories, grown in blocks of leaves for the chains that still double. */
import type { TensorTree } from "@ergodic/tensor";
import type { HamiltonianState } from "../hamiltonian.js";
import { emptyChosen, type Chosen } from "./chosen.js";
import { choicesOf, type Decisions } from "./decisions.js";
import { blockSize, type LeafPrograms, type Leaves } from "./leaves.js";
import { gatherAll, joined, turnedJoining, type Edge, type Point, type Span } from "./span.js";
import type { Transition } from "./transition.js";

/** The trajectories of the chains that still double: a row of the edges and sums for each of `chains`, and some to fill up a program. */
export interface Growing {
  readonly chains: Int32Array;
  /** The edge grown last, and the one at the other end. */
  readonly near: Edge;
  readonly far: Edge;
  /** Σ p over the trajectory. */
  readonly sum: Float32Array;
  /** ±1: which way each row grew last. */
  readonly directions: Float32Array;
}

export interface DoublingOptions<X extends TensorTree> {
  readonly transition: Transition;
  readonly programs: LeafPrograms<X>;
  readonly state: HamiltonianState<X>;
  readonly extraTurnChecks: boolean;
}

/** What decides one doubling. */
export interface Doubling {
  readonly depth: number;
  readonly decisions: Decisions;
}

/** The new half of trajectories, as far as it grew. */
export interface Half {
  /** 1 for each row whose half is complete. */
  readonly complete: Uint8Array;
  readonly span: Span;
  readonly edge: Edge;
  readonly chosen: Chosen;
  readonly logWeight: Float64Array;
  readonly blocks: number;
}

/** Leaf `n` of each row. */
function leafOf({ position, gradient, momentum, energy, count }: Leaves, n: number, size: number): Point {
  const rows = energy.length / count;
  const places = Int32Array.from({ length: rows }, (_, row) => row * count + n);
  return gatherAll({ position, gradient, momentum }, places, size);
}

/** Two points with their velocities. */
export async function withVelocities<X extends TensorTree>(
  [first, last]: readonly [Point, Point],
  { programs, state, transition }: DoublingOptions<X>,
): Promise<[Edge, Edge]> {
  const length = first.momentum.length;
  const momentum = new Float32Array(2 * length);
  momentum.set(first.momentum);
  momentum.set(last.momentum, length);
  const velocity = await programs.velocity(state, momentum, (2 * length) / transition.size);
  return [
    { ...first, velocity: velocity.subarray(0, length) },
    { ...last, velocity: velocity.subarray(length) },
  ];
}

/** Σ p over the leaves of these rows. */
export function momentumSum({ momentum, count }: Leaves, rows: Int32Array, size: number): Float32Array {
  const sum = new Float32Array(rows.length * size);
  rows.forEach((row, k) => {
    for (let n = 0; n < count; n++) {
      const at = (row * count + n) * size;
      for (let i = 0; i < size; i++) sum[k * size + i]! += momentum[at + i]!;
    }
  });
  return sum;
}

/** Clears the marks of the rows whose span turns back. */
export function markTurned(
  marks: Uint8Array,
  spans: { readonly older: Span; readonly newer: Span; readonly whole: Span },
  { extraTurnChecks, transition: { size } }: Pick<DoublingOptions<TensorTree>, "extraTurnChecks" | "transition">,
): void {
  marks.forEach((mark, row) => {
    if (mark && turnedJoining(spans, extraTurnChecks, { row, size })) marks[row] = 0;
  });
}

/** Grows 2^depth leaves from the near edges, block by block, while any still grows. */
export async function growHalf<X extends TensorTree>(
  { chains, near, directions }: Pick<Growing, "chains" | "near" | "directions">,
  { depth, decisions }: Doubling,
  options: DoublingOptions<X>,
): Promise<Half> {
  const { transition, programs, state } = options;
  const { size } = transition;
  const complete = new Uint8Array(chains.length).fill(1);
  const logWeight = new Float64Array(chains.length).fill(-Infinity);
  const chosen = emptyChosen(chains.length, size);
  const spans: Span[] = [];
  const allRows = Int32Array.from(directions, (_, row) => row);
  const chainOfRow = allRows.map((row) => chains[row] ?? chains[0]!);
  let edge = near;
  let blocks = 0;
  for (; blocks < 2 ** depth / blockSize && complete.includes(1); blocks++) {
    const leaves = await programs.grow({ edge, chains: chainOfRow, directions, state });
    const choiceOf = choicesOf(decisions, blocks, transition.chains);
    chains.forEach((chain, row) => {
      if (!complete[row]) return;
      if (!transition.walk(leaves, row, chain, 0, blockSize)) {
        complete[row] = 0;
        return;
      }
      logWeight[row] = transition.pick(0, blockSize, logWeight[row]!, choiceOf(chain));
      if (transition.picked >= 0) transition.choose(chosen, leaves, row, chain, transition.picked);
    });
    const ends = [leafOf(leaves, 0, size), leafOf(leaves, blockSize - 1, size)] as const;
    const [first, last] = await withVelocities(ends, options);
    let newer: Span = { first, last, sum: momentumSum(leaves, allRows, size) };
    for (let ended = blocks; ended % 2 === 1; ended >>= 1) {
      const older = spans.pop()!;
      const whole = joined(older, newer);
      markTurned(complete, { older, newer, whole }, options);
      newer = whole;
    }
    spans.push(newer);
    edge = last;
  }
  return { complete, span: spans.at(-1)!, edge, chosen, logWeight, blocks };
}
