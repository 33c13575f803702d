/**
 * Doublings of trajectories that outgrew their first program: blocks of leaves for the chains that still grow.
 *
 * Chains that are finished are left out. Programs come in few sizes, so that not every number of chains is compiled anew; rows that fill up
 * a program repeat the first one.
 */
import type { TensorTree } from "@ergodic/tensor";
import { putRow } from "./chosen.js";
import { directionOf, type Decisions } from "./decisions.js";
import {
  growHalf,
  markTurned,
  momentumSum,
  withVelocities,
  type Doubling,
  type DoublingOptions,
  type Growing,
} from "./half.js";
import type { Leaves } from "./leaves.js";
import { gatherAll, gatherRows, plus, type Edge, type Point, type Span } from "./span.js";

/** Each size is so many times the next smaller one. */
const sizeFactor = 8;

/** How many rows a program has that is to grow `wanted` of `all` chains. */
export function programSize(wanted: number, all: number): number {
  let size = all;
  while (size > 1 && Math.ceil(size / sizeFactor) >= wanted) size = Math.ceil(size / sizeFactor);
  return size;
}

/** Row by row, those of `chosen` and then copies of the first. */
const padded = (chosen: Int32Array, all: number): Int32Array =>
  Int32Array.from({ length: programSize(chosen.length, all) }, (_, row) => chosen[row] ?? chosen[0]!);

const placesWhere = (marks: Uint8Array): Int32Array =>
  Int32Array.from(Array.from(marks, (_, i) => i).filter((i) => marks[i] === 1));

/** What goes on after the first program. `far` numbers the leaf at the far edge of each chain, the near one being the last. */
export async function growingAfter<X extends TensorTree>(
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

/** The edges from which rows grow in `directions`, and the others. */
function turnedEdges({ near, far, directions: before }: Growing, directions: Float32Array, size: number): [Edge, Edge] {
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

/** One doubling. @returns the trajectories that go on, and how many blocks of leaves were grown. */
export async function double<X extends TensorTree>(
  before: Growing,
  doubling: Doubling,
  options: DoublingOptions<X>,
): Promise<{ growing: Growing; blocks: number }> {
  const { transition } = options;
  const { size } = transition;
  const { chains, sum } = before;
  const directions = before.directions.map((_, row) => directionOf(doubling.decisions, chains[row] ?? chains[0]!));
  const [near, far] = turnedEdges(before, directions, size);
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
