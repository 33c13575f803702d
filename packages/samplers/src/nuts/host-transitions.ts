/**
 * Transitions of many chains on the host, which threads share: chains are independent.
 *
 * The calling thread draws all random numbers, those of decisions as far as they are likely to be
 * needed. A chain that needs more waits until the calling thread draws them. So the numbers depend
 * neither on the number of threads nor on who moves which chain.
 */
import { sharedWork, type HostKey, type RunBlock, type SharedWork } from "@ergodic/tensor";
import { hostEnergyText, type EnergyOfChain, type HostEnergy } from "./host-energy.js";
import type { Moves } from "./host-metric.js";
import {
  hostTrajectory,
  type ChainMotion,
  type HostTrajectory,
  type TrajectoryOptions,
  type TransitionDecisions,
} from "./host-trajectory.js";
import { blockSize } from "./leaves.js";
import type { ChainReport } from "./records.js";
import { decisionsOf, laterChoices } from "./transition.js";

/** Some transitions of all chains. */
export interface Transitions {
  readonly chains: number;
  readonly size: number;
  readonly steps: number;
  /** Chains in a block of work. */
  readonly together: number;
  /** Whether energies and gradients at the last positions are needed. */
  readonly last: boolean;
  /** `[steps + 1, chains, size]`, the starts first. */
  readonly positions: Float64Array;
  /** Standard normal numbers, `[steps, chains, size]`. */
  readonly momenta: Float32Array;
  /** For each step and doubling: three numbers of each chain, and choices in later blocks of leaves. */
  readonly decisions: Float32Array;
  /** Doublings of which `decisions` has numbers. */
  readonly doublings: number;
  readonly stepSizes: Float64Array;
  readonly temperatures: Float64Array;
  /** S, `scaleSize` numbers, of each chain or one for all. */
  readonly scales: Float64Array;
  readonly scaleSize: number;
  readonly ownScales: boolean;
  /** Source text of the moves of the metric. */
  readonly moves: string;
  /** Transitions that each chain has made, of which all numbers are written. */
  readonly made: Int32Array;
  /** Reports, `[steps, chains, 7]`, of exactly these steps. */
  readonly reports: Float64Array;
  readonly energies: Float32Array;
  readonly gradients: Float32Array;
}

/**
 * Moves a chain by all transitions of which the decisions are known, from those that it has made.
 *
 * Threads run it too. If two threads move one chain, they write the same numbers.
 */
export function advance(
  trajectory: HostTrajectory,
  energy: EnergyOfChain,
  { chains, size, steps, last, positions, momenta, made, reports, energies, gradients }: Transitions,
  motion: ChainMotion,
  decisionsAt: (step: number) => TransitionDecisions,
): void {
  const { chain } = motion;
  for (let step = Atomics.load(made, chain); step < steps; step++) {
    const from = (step * chains + chain) * size;
    const ended = trajectory.run({ values: positions, from }, { values: momenta, from }, motion, decisionsAt(step));
    if (!ended) return;
    const to = from + chains * size;
    for (let i = 0; i < size; i++) {
      // The sum of two numbers of float32 that is nearest, see `held`.
      const x = trajectory.moved ? trajectory.chosen[i]! : positions[from + i]!;
      const high = Math.fround(x);
      positions[to + i] = high + Math.fround(x - high);
    }
    const at = (reports.length / steps / chains) * (step * chains + chain);
    reports[at] = trajectory.total;
    reports[at + 1] = trajectory.startTotal;
    reports[at + 2] = trajectory.acceptance;
    reports[at + 3] = trajectory.leaves;
    reports[at + 4] = trajectory.depth;
    reports[at + 5] = trajectory.divergent ? 1 : 0;
    reports[at + 6] = trajectory.moved ? 1 : 0;
    if (last && step === steps - 1) {
      energies[chain] = energy.energyAt(positions, to, chain);
      gradients.set(energy.gradient, chain * size);
    }
    Atomics.store(made, chain, step + 1);
  }
}

/** Numbers of a report, in the order in which {@link advance} writes them. */
export const reportSize = 7;

export function reportAt({ chains, reports }: Transitions, step: number, chain: number): ChainReport {
  const at = reportSize * (step * chains + chain);
  return {
    total: reports[at]!,
    startTotal: reports[at + 1]!,
    acceptance: reports[at + 2]!,
    leaves: reports[at + 3]!,
    depth: reports[at + 4]!,
    divergent: reports[at + 5] === 1,
    moved: reports[at + 6] === 1,
  };
}

/** The decisions of {@link Transitions.decisions}. Threads run it too. */
export function knownDecisions(
  { chains, decisions, doublings }: Transitions,
  blockSize: number,
): (step: number) => TransitionDecisions {
  const starts = [0];
  for (let depth = 0; depth < doublings; depth++)
    starts.push(starts[depth]! + chains * (2 + Math.max(1, 2 ** depth / blockSize)));
  const known = {
    doublings,
    from: 0,
    direction(chain: number, depth: number): number {
      return decisions[this.from + starts[depth]! + 3 * chain]!;
    },
    join(chain: number, depth: number): number {
      return decisions[this.from + starts[depth]! + 3 * chain + 1]!;
    },
    choice(chain: number, depth: number, block: number): number {
      return decisions[this.from + starts[depth]! + (block === 0 ? 3 * chain + 2 : (2 + block) * chains + chain)]!;
    },
  };
  return (step) => {
    known.from = step * starts[doublings]!;
    return known;
  };
}

/** Numbers of each chain that decide so many doublings. */
export const decisionCount = (doublings: number): number =>
  Array.from({ length: doublings }, (_, depth) => 2 + Math.max(1, 2 ** depth / blockSize)).reduce((a, b) => a + b, 0);

/** Draws the decisions of a step into {@link Transitions.decisions}. */
export function drawDecisions({ chains, decisions, doublings }: Transitions, step: number, key: HostKey): void {
  let at = step * chains * decisionCount(doublings);
  for (let depth = 0; depth < doublings; depth++) {
    const own = decisionsOf(key, depth, chains);
    decisions.set(own.values, at);
    at += 3 * chains;
    for (let block = 1; block < 2 ** depth / blockSize; block++, at += chains)
      decisions.set(laterChoices(own, block, chains), at);
  }
}

/** What a thread moves chains with. */
interface Moving {
  readonly trajectory: HostTrajectory;
  readonly energy: EnergyOfChain;
  readonly moves: Moves;
  readonly decisionsAt: (step: number) => TransitionDecisions;
  readonly advance: typeof advance;
}

/** Computes blocks of chains in a helping thread. */
function chainBlocks(job: Transitions, { trajectory, energy, moves, decisionsAt, advance }: Moving): RunBlock {
  const { chains, together, stepSizes, temperatures, scales, scaleSize, ownScales } = job;
  return (block) => {
    for (let chain = block * together; chain < Math.min(chains, (block + 1) * together); chain++) {
      const from = ownScales ? chain * scaleSize : 0;
      const scale = scales.subarray(from, from + scaleSize);
      const metric = { drift: moves.drift, kick: moves.kick, scale };
      const motion = { chain, stepSize: stepSizes[chain]!, temperature: temperatures[chain]!, metric };
      advance(trajectory, energy, job, motion, decisionsAt);
    }
  };
}

/** Blocks of {@link Transitions.together} chains. */
export const blockCount = ({ chains, together }: Transitions): number => Math.ceil(chains / together);

/** Transitions of an energy that helping threads share. */
export const sharedTransitions = (energy: HostEnergy, options: TrajectoryOptions): SharedWork<Transitions> =>
  sharedWork(
    `({ parts, options }) => {
      const energy = (${hostEnergyText()})(parts);
      const trajectory = (${String(hostTrajectory)})(energy, options);
      const advance = ${String(advance)};
      const knownDecisions = ${String(knownDecisions)};
      const chainBlocks = ${String(chainBlocks)};
      let [text, moves] = [];
      return (job) => {
        if (job.moves !== text) moves = (0, eval)("(" + (text = job.moves) + ")");
        const decisionsAt = knownDecisions(job, options.blockSize);
        return chainBlocks(job, { trajectory, energy, moves, decisionsAt, advance });
      };
    }`,
    { parts: energy.parts, options },
  );
