/**
 * The doublings of a transition: the first ones in one program, later ones in blocks of leaves for
 * the chains that still double.
 *
 * Programs for blocks come in few sizes, so that not every number of chains is compiled anew. Rows
 * that fill up a program repeat its first row.
 */
import { random, type HostKey, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import type { HamiltonianState } from "../hamiltonian.js";
import { blockSize, type LeafPrograms, type Leaves, type Point } from "./leaves.js";
import {
  choicesOf,
  decisionsOf,
  directionOf,
  emptyChosen,
  putRow,
  Transition,
  type Chosen,
  type Decisions,
} from "./transition.js";
import { joined, plus, turnedJoining, type Edge, type Span } from "./turns.js";

/** Rows `places` of `values`, whose rows have `size` numbers. */
function gatherRows(values: Float32Array, places: ArrayLike<number>, size: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(places.length * size);
  for (let i = 0; i < places.length; i++) {
    rows.set(values.subarray(places[i]! * size, (places[i]! + 1) * size), i * size);
  }
  return rows;
}

/** Rows `places` of all arrays of a record. */
const gatherAll = <T extends { readonly [name: string]: Float32Array }>(
  arrays: T,
  places: ArrayLike<number>,
  size: number,
): T =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => [name, gatherRows(values, places, size)]),
  ) as unknown as T;

/**
 * The trajectories of the chains that still double: a row for each of `chains`, and copies of the
 * first that fill up a program.
 */
interface Growing {
  readonly chains: Int32Array;
  /** The edge that grew last, and the one at the other end. */
  readonly near: Edge;
  readonly far: Edge;
  /** Σ p over the trajectory. */
  readonly sum: Float32Array;
  /** ±1: which way each row grew last. */
  readonly directions: Float32Array;
}

interface DoublingOptions<X extends TensorTree> {
  readonly transition: Transition;
  readonly programs: LeafPrograms<X>;
  readonly state: HamiltonianState<X>;
  readonly extraTurnChecks: boolean;
}

interface Doubling {
  readonly depth: number;
  readonly decisions: Decisions;
}

/** The new half of trajectories, as far as it grew. */
interface Half {
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

/** Two points of rows that belong to these chains, with their velocities. */
async function withVelocities<X extends TensorTree>(
  [first, last]: readonly [Point, Point],
  chains: Int32Array,
  { programs, state }: DoublingOptions<X>,
): Promise<[Edge, Edge]> {
  const length = first.momentum.length;
  const momentum = new Float32Array(2 * length);
  momentum.set(first.momentum);
  momentum.set(last.momentum, length);
  const velocity = await programs.velocity(state, momentum, Int32Array.of(...chains, ...chains));
  return [
    { ...first, velocity: velocity.subarray(0, length) },
    { ...last, velocity: velocity.subarray(length) },
  ];
}

/** Σ p over the leaves of these rows. */
function momentumSum({ momentum, count }: Leaves, rows: Int32Array, size: number): Float32Array {
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
function markTurned(
  marks: Uint8Array,
  spans: { readonly older: Span; readonly newer: Span; readonly whole: Span },
  { extraTurnChecks, transition: { size } }: Pick<DoublingOptions<TensorTree>, "extraTurnChecks" | "transition">,
): void {
  marks.forEach((mark, row) => {
    if (mark && turnedJoining(spans, extraTurnChecks, { row, size })) marks[row] = 0;
  });
}

/** Grows 2^depth leaves from the near edges, block by block, while any row still grows. */
async function growHalf<X extends TensorTree>(
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
      if (!transition.visit(leaves, row, chain, 0, blockSize)) {
        complete[row] = 0;
        return;
      }
      logWeight[row] = transition.pick(0, blockSize, logWeight[row]!, choiceOf(chain));
      if (transition.picked >= 0) transition.choose(chosen, leaves, row, chain, transition.picked);
    });
    const ends = [leafOf(leaves, 0, size), leafOf(leaves, blockSize - 1, size)] as const;
    const [first, last] = await withVelocities(ends, chainOfRow, options);
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

/** Each size is so many times the next smaller one. */
const sizeFactor = 8;

/** The number of rows of the program that grows `wanted` of `all` chains. */
function programSize(wanted: number, all: number): number {
  let size = all;
  while (size > 1 && Math.ceil(size / sizeFactor) >= wanted) size = Math.ceil(size / sizeFactor);
  return size;
}

/** Row by row, those of `chosen` and then copies of the first. */
const padded = (chosen: Int32Array, all: number): Int32Array =>
  Int32Array.from({ length: programSize(chosen.length, all) }, (_, row) => chosen[row] ?? chosen[0]!);

const placesWhere = (marks: Uint8Array): Int32Array =>
  Int32Array.from(Array.from(marks, (_, i) => i).filter((i) => marks[i] === 1));

/**
 * The trajectories that still double after the first program.
 *
 * @param far the leaf at the far edge of each chain; the near edge is the last leaf
 */
async function growingAfter<X extends TensorTree>(
  leaves: Leaves,
  far: Int32Array,
  last: Decisions,
  options: DoublingOptions<X>,
): Promise<Growing> {
  const { active, chains: all, size } = options.transition;
  const chains = placesWhere(active);
  const rows = padded(chains, all);
  const { position, gradient, momentum, count } = leaves;
  const pointAt = (leafOfChain: (chain: number) => number): Point =>
    gatherAll(
      { position, gradient, momentum },
      rows.map((chain) => chain * count + leafOfChain(chain)),
      size,
    );
  const [nearEdge, farEdge] = await withVelocities(
    [pointAt(() => count - 1), pointAt((chain) => far[chain]!)],
    rows,
    options,
  );
  return {
    chains,
    near: nearEdge,
    far: farEdge,
    sum: momentumSum(leaves, rows, size),
    directions: Float32Array.from(rows, (chain) => directionOf(last, chain)),
  };
}

/** The edges from which rows grow in `directions`, and the edges at the other ends. */
function orderedEdges(
  { near, far, directions: before }: Growing,
  directions: Float32Array,
  size: number,
): [Edge, Edge] {
  const rows = directions.length;
  const places = (onward: boolean): Int32Array =>
    Int32Array.from(directions, (direction, row) => ((direction === before[row]) === onward ? row : rows + row));
  const pick = (name: keyof Edge, onward: boolean): Float32Array => {
    const both = new Float32Array(2 * rows * size);
    both.set(near[name]);
    both.set(far[name], rows * size);
    return gatherRows(both, places(onward), size);
  };
  const edge = (onward: boolean): Edge => ({
    position: pick("position", onward),
    gradient: pick("gradient", onward),
    momentum: pick("momentum", onward),
    velocity: pick("velocity", onward),
  });
  return [edge(true), edge(false)];
}

/** One doubling. @returns the trajectories that still double, and how many blocks of leaves grew */
async function double<X extends TensorTree>(
  before: Growing,
  doubling: Doubling,
  options: DoublingOptions<X>,
): Promise<{ growing: Growing; blocks: number }> {
  const { transition } = options;
  const { size } = transition;
  const { chains, sum } = before;
  const directions = before.directions.map((_, row) => directionOf(doubling.decisions, chains[row] ?? chains[0]!));
  const [near, far] = orderedEdges(before, directions, size);
  const half = await growHalf({ chains, directions, near }, doubling, options);
  chains.forEach((chain, row) => {
    transition.depth[chain]! += 1;
    if (!half.complete[row] || !transition.join(chain, half.logWeight[row]!, doubling.decisions)) return;
    putRow(transition.chosen, chain, half.chosen, row, {
      energy: half.chosen.energy[row]!,
      total: half.chosen.total[row]!,
      size,
    });
  });
  const whole: Span = { first: far, last: half.edge, sum: plus(sum, half.span.sum) };
  const older: Span = { first: far, last: near, sum };
  markTurned(half.complete, { older, newer: half.span, whole }, options);
  const going = placesWhere(half.complete);
  const rows = padded(going, transition.chains);
  return {
    blocks: half.blocks,
    growing: {
      chains: going.map((row) => chains[row]!),
      near: gatherAll(half.edge, rows, size),
      far: gatherAll(far, rows, size),
      sum: gatherRows(whole.sum, rows, size),
      directions: gatherRows(directions, rows, 1),
    },
  };
}

/** Doublings made in the first program: 7 leaves. */
const openingDoublings = 3;

export interface TransitionOptions {
  readonly maxDepth: number;
  readonly extraTurnChecks: boolean;
}

/**
 * A transition that has ended, and the gradients that programs computed for each of their chains.
 */
export interface Ended {
  readonly transition: Transition;
  readonly gradients: number;
}

/** One transition of every chain, whose positions have `size` numbers. */
export async function runTransition<X extends TensorTree>(
  programs: LeafPrograms<X>,
  state: HamiltonianState<X>,
  { key, size, temperatures }: { readonly key: HostKey; readonly size: number; readonly temperatures: Float64Array },
  { maxDepth, extraTurnChecks }: TransitionOptions,
): Promise<Ended> {
  const chains = chainCount(state.position);
  const transition = new Transition(temperatures, size, extraTurnChecks);
  const first = Array.from({ length: Math.min(openingDoublings, maxDepth) }, (_, k) => decisionsOf(key, k, chains));
  const directions = first.map((decisions) =>
    Float32Array.from({ length: chains }, (_, chain) => directionOf(decisions, chain)),
  );
  const leaves = await programs.open(state, random.fold(key, 0), directions);
  const far = transition.open(leaves, first);
  let gradients = leaves.count - 1;
  if (maxDepth <= openingDoublings || !transition.active.includes(1)) return { transition, gradients };
  const options = { transition, programs, state, extraTurnChecks };
  let growing = await growingAfter(leaves, far, first.at(-1)!, options);
  for (let depth = openingDoublings; depth < maxDepth && growing.chains.length > 0; depth++) {
    const doubled = await double(growing, { depth, decisions: decisionsOf(key, depth, chains) }, options);
    growing = doubled.growing;
    gradients += blockSize * doubled.blocks;
  }
  return { transition, gradients };
}
