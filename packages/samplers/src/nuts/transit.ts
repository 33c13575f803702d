/** One transition of every chain: the first program, then doublings while any chain goes on. */
import { random, type HostKey, type TensorTree } from "@ergodic/tensor";
import { chainsOf } from "../chains.js";
import type { HamiltonianState } from "../hamiltonian.js";
import { decisionsOf, directionOf } from "./decisions.js";
import { double, growingAfter } from "./doubling.js";
import { blockSize, type LeafPrograms } from "./leaves.js";
import { Transition } from "./transition.js";

/** Doublings made in the first program: 7 leaves. */
const openingDoublings = 3;

export interface TransitOptions {
  readonly maxDepth: number;
  readonly extraTurnChecks: boolean;
}

/** A transition that has ended, and how many gradients each chain of the programs was given. */
export interface Transit {
  readonly transition: Transition;
  readonly gradients: number;
}

/** One transition of every chain, whose positions have `size` numbers. */
export async function transit<X extends TensorTree>(
  programs: LeafPrograms<X>,
  state: HamiltonianState<X>,
  { key, size, temperatures }: { readonly key: HostKey; readonly size: number; readonly temperatures: Float64Array },
  { maxDepth, extraTurnChecks }: TransitOptions,
): Promise<Transit> {
  const chains = chainsOf(state.position);
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
