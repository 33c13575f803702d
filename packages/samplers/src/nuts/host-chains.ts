/** Chains of NUTS on the host, by threads that share the chains. */
import * as tf from "@tensorflow/tfjs-core";
import { pause } from "@ergodic/engine";
import { random, threadCount, tree, type HostKey, type TensorTree } from "@ergodic/tensor";
import { perChain } from "../chain-settings.js";
import { chainCount } from "../chains.js";
import { doublePosition, doubleRows, type DoublePosition } from "../double-positions.js";
import type { HamiltonianState } from "../hamiltonian.js";
import type { Drawn } from "../kernel.js";
import { divergenceLimit } from "../metropolis.js";
import { fromNumbers, sizeOfRow } from "../rows.js";
import type { TransitionOptions } from "./doubling.js";
import type { HostEnergy } from "./host-energy.js";
import { hostMetrics } from "./host-metric.js";
import { hostTrajectory, type ChainMotion, type TransitionDecisions } from "./host-trajectory.js";
import {
  advance,
  blockCount,
  drawDecisions,
  knownDecisions,
  reportAt,
  sharedTransitions,
  type Transitions,
} from "./host-transitions.js";
import { blockSize } from "./leaves.js";
import { recorder, type NutsInfo } from "./records.js";
import { prepared } from "./transition-memory.js";
import { choicesOf, decisionsOf, type Decisions } from "./transition.js";

/** The random decisions of a transition, drawn when a chain first needs them. */
function decisionsFor(key: HostKey, chains: number): TransitionDecisions {
  const decisions: Decisions[] = [];
  const choices: ((chain: number) => number)[][] = [];
  const at = (depth: number): Decisions => (decisions[depth] ??= decisionsOf(key, depth, chains));
  return {
    doublings: Infinity,
    direction: (chain, depth) => at(depth).values[3 * chain]!,
    join: (chain, depth) => at(depth).values[3 * chain + 1]!,
    choice(chain, depth, block) {
      const known = (choices[depth] ??= []);
      return (known[block] ??= choicesOf(at(depth), block, chains))(chain);
    },
  };
}

/**
 * Standard normal numbers `[chains, size]`, the same as those of `random.normalLike`, with which
 * the engine's programs make momenta.
 */
function normals(key: HostKey, like: TensorTree, chains: number, size: number): Float32Array {
  const leaves = tree.leaves(like);
  const keys = random.split(key, leaves.length);
  if (leaves.length === 1) return random.host.normal(keys[0]!, chains * size);
  const all = new Float32Array(chains * size);
  let start = 0;
  leaves.forEach((leaf, i) => {
    const width = sizeOfRow(leaf);
    const values = random.host.normal(keys[i]!, chains * width);
    for (let chain = 0; chain < chains; chain++)
      all.set(values.subarray(chain * width, (chain + 1) * width), chain * size + start);
    start += width;
  });
  return all;
}

/**
 * Additions, about, of the transitions between two pauses, and of those from which helping threads
 * pay: some ten milliseconds, and half of one.
 */
const [mostAtOnce, worthHelp] = [2 ** 25, 2 ** 18];

/** Chains of a helper that does not finish a block in twice the usual time are moved again. */
const patience = 2;

/** Draws of NUTS on the host, for positions of one form. */
export interface HostChains<X extends TensorTree> {
  /** The tensors of a state at a position. */
  start(position: X): DoublePosition<X> & Pick<HamiltonianState<X>, "energy" | "gradient">;
  /**
   * Draws number `from` to `from + count - 1`.
   *
   * Between transitions positions are sums of two numbers of float32, as in the state, so draws do
   * not depend on how they are grouped into calls.
   */
  draw(
    state: HamiltonianState<X>,
    which: { readonly key: HostKey; readonly from: number; readonly count: number },
    temperatures: Float64Array,
  ): Promise<Drawn<X, HamiltonianState<X>, NutsInfo>>;
  /**
   * min(1, exp(-ΔH)) of one leapfrog step of each chain, 0 where ΔH is not finite; with the momenta
   * of step number `from` of `hmc`.
   */
  probe(
    state: HamiltonianState<X>,
    which: { readonly key: HostKey; readonly from: number },
    temperatures: Float64Array,
  ): Float32Array;
  dispose(): void;
}

/** Positions `[chains, size]`, with their energies and gradients. */
interface RowsOnHost {
  readonly rows: Float64Array;
  readonly energies: Float32Array;
  readonly gradients: Float32Array;
}

/** Draws of NUTS on the host with an energy of one chain. */
export function hostChains<X extends TensorTree>(
  energy: HostEnergy,
  { maxDepth, extraTurnChecks }: TransitionOptions,
): HostChains<X> {
  const { size } = energy;
  const options = { maxDepth, extraTurnChecks, blockSize, divergenceLimit };
  const trajectory = hostTrajectory(energy, options);
  const shared = sharedTransitions(energy, options);
  /** Memory of the last transitions, their mean number of leaves, and their most doublings. */
  let memory: ArrayBufferLike | undefined;
  let [leaves, doublings] = [8, 3];

  const motionsOf = ({ position, stepSize, inverseMass }: HamiltonianState<X>, temperatures: Float64Array) => {
    const chains = chainCount(position);
    const sizes = perChain(stepSize, chains);
    return hostMetrics(inverseMass, chains, size).map((metric, chain): ChainMotion => {
      return { chain, stepSize: sizes[chain]!, temperature: temperatures[chain]!, metric };
    });
  };

  const stateAt = ({ rows, energies, gradients }: RowsOnHost, like: X) => ({
    ...doublePosition(rows, energies.length, like),
    energy: tf.tensor1d(energies),
    gradient: fromNumbers(gradients, [energies.length], like),
  });

  /**
   * With helping threads, as far as the decisions are known.
   *
   * @returns whether helpers are done with the memory
   */
  const moveTogether = (job: Transitions, motions: readonly ChainMotion[], keys: readonly HostKey[]): boolean => {
    keys.forEach((key, step) => drawDecisions(job, step, key));
    const decisionsAt = knownDecisions(job, blockSize);
    const block = (number: number): void => {
      for (const motion of motions.slice(number * job.together, (number + 1) * job.together))
        advance(trajectory, energy, job, motion, decisionsAt);
    };
    return shared.begin(job, blockCount(job), block)(patience);
  };

  /** The chains that have not made all transitions. */
  const moveAlone = (job: Transitions, motions: readonly ChainMotion[], keys: readonly HostKey[]): void => {
    const decisions = keys.map((key) => decisionsFor(key, job.chains));
    for (const motion of motions)
      if (Atomics.load(job.made, motion.chain) < job.steps)
        advance(trajectory, energy, job, motion, (step) => decisions[step]!);
  };

  return {
    start(position) {
      energy.refresh();
      const rows = doubleRows({ position });
      const gradients = new Float32Array(rows.length);
      const energies = new Float32Array(rows.length / size);
      energies.forEach((_, chain) => {
        energies[chain] = energy.energyAt(rows, chain * size, chain);
        gradients.set(energy.gradient, chain * size);
      });
      return stateAt({ rows, energies, gradients }, position);
    },

    async draw(state, { key, from, count }, temperatures) {
      const { position: like, stepSize, inverseMass } = state;
      const chains = chainCount(like);
      energy.refresh();
      const motions = motionsOf(state, temperatures);
      const record = recorder(chains, count, size);
      const cost = chains * (energy.operations + 2 * motions[0]!.metric.scale.length);
      let at = { rows: doubleRows(state), energies: new Float32Array(0), gradients: new Float32Array(0) };
      for (let done = 0; done < count;) {
        const steps = Math.max(1, Math.min(count - done, Math.floor(mostAtOnce / (cost * leaves))));
        const keys = Array.from({ length: steps }, (_, step) => random.fold(key, from + done + step));
        const helped = threadCount() > 1 && cost * leaves * steps >= worthHelp;
        const shape = { chains, size, steps, last: done + steps === count, doublings: helped ? doublings : 0 };
        const job = prepared(memory, shape, motions);
        memory = undefined; // while helpers write it
        job.positions.set(at.rows);
        for (const [step, own] of keys.entries())
          job.momenta.set(normals(random.fold(own, 0), like, chains, size), step * chains * size);
        const free = !helped || moveTogether(job, motions, keys);
        moveAlone(job, motions, keys);
        let [allLeaves, deepest] = [0, 0];
        for (let chain = 0; chain < chains; chain++)
          for (let step = 0; step < steps; step++) {
            const report = reportAt(job, step, chain);
            const place = { rows: job.positions, row: (step + 1) * chains + chain };
            record.put(done + step, chain, place, report, report.leaves + 1);
            allLeaves += report.leaves;
            deepest = Math.max(deepest, report.depth);
          }
        [leaves, doublings] = [allLeaves / (steps * chains), deepest];
        const [begin, end] = [steps * chains * size, (steps + 1) * chains * size];
        const rows = job.positions.slice(begin, end);
        at = { rows, energies: job.energies.slice(0, chains), gradients: job.gradients.slice(0, chains * size) };
        memory = free ? job.positions.buffer : undefined;
        done += steps;
        await pause();
      }
      return {
        state: { ...stateAt(at, like), ...tree.clone({ stepSize, inverseMass }) } as HamiltonianState<X>,
        positions: fromNumbers(record.positions, [chains, count], like),
        info: record.info(stepSize),
      };
    },

    probe(state, { key, from }, temperatures) {
      const { position: like } = state;
      const stepKey = random.fold(key, from);
      energy.refresh();
      const rows = doubleRows(state);
      const momenta = normals(random.split(stepKey, 4)[0]!, like, chainCount(like), size);
      return Float32Array.from(motionsOf(state, temperatures), (motion) => {
        const at = motion.chain * size;
        const change = trajectory.probe({ values: rows, from: at }, { values: momenta, from: at }, motion);
        return Number.isFinite(change) ? Math.min(1, Math.exp(-change)) : 0;
      });
    },

    dispose: () => shared.dispose(),
  };
}
