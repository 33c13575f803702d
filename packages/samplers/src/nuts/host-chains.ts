/** Chains of NUTS on the host: one transition after the other, one chain after the other. */
import * as tf from "@tensorflow/tfjs-core";
import { random, tree, type HostKey, type TensorTree } from "@ergodic/tensor";
import { perChain } from "../chain-settings.js";
import { chainCount } from "../chains.js";
import { doublePosition, doubleRows, held } from "../double-positions.js";
import type { HamiltonianState } from "../hamiltonian.js";
import type { Drawn } from "../kernel.js";
import { fromNumbers, sizeOfRow } from "../rows.js";
import type { TransitionOptions } from "./doubling.js";
import type { HostEnergy } from "./host-energy.js";
import { hostMetrics } from "./host-metric.js";
import { HostTrajectory, type ChainMotion, type TransitionDecisions } from "./host-trajectory.js";
import { recorder, type NutsInfo } from "./records.js";
import { choicesOf, decisionsOf, type Decisions } from "./transition.js";

/** The random decisions of a transition, drawn when a chain first needs them. */
function decisionsFor(key: HostKey, chains: number): TransitionDecisions {
  const decisions: Decisions[] = [];
  const choices: ((chain: number) => number)[][] = [];
  const at = (depth: number): Decisions => (decisions[depth] ??= decisionsOf(key, depth, chains));
  return {
    at,
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

/** The tensors of a state at positions of float64, `[chains, size]`. */
export function stateOnHost<X extends TensorTree>(
  energy: HostEnergy,
  rows: Float64Array,
  like: X,
): Pick<HamiltonianState<X>, "position" | "energy" | "gradient" | "remainder"> {
  const { size } = energy;
  const chains = rows.length / size;
  const energies = new Float32Array(chains);
  const gradients = new Float32Array(rows.length);
  for (let chain = 0; chain < chains; chain++) {
    energies[chain] = energy.energyAt(rows, chain * size, chain);
    gradients.set(energy.gradient, chain * size);
  }
  return {
    ...doublePosition(rows, chains, like),
    energy: tf.tensor1d(energies),
    gradient: fromNumbers(gradients, [chains], like),
  };
}

/** Milliseconds after which other work of the process has its turn. */
const longest = 50;
let lastPause = 0;

/** Lets timers, signals and pages have their turn, if the last pause is some time ago. */
async function pause(): Promise<void> {
  if (performance.now() - lastPause < longest) return;
  await new Promise((resolve) => void setTimeout(resolve, 0));
  lastPause = performance.now();
}

type HostOptions = TransitionOptions & { readonly temperatures: Float64Array };

/** What the steps of a state share: its numbers, and how its chains move. */
function opened<X extends TensorTree>(
  energy: HostEnergy,
  state: HamiltonianState<X>,
  { temperatures, ...options }: HostOptions,
) {
  const { position, stepSize, inverseMass } = state;
  const chains = chainCount(position);
  energy.refresh();
  const sizes = perChain(stepSize, chains);
  const metrics = hostMetrics(inverseMass, chains, energy.size);
  const motions = metrics.map((metric, chain): ChainMotion => {
    return { chain, stepSize: sizes[chain]!, temperature: temperatures[chain]!, metric };
  });
  return { rows: doubleRows(state), motions, trajectory: new HostTrajectory(energy, options) };
}

/**
 * Draws number `from` to `from + count - 1`.
 *
 * Between transitions positions are sums of two numbers of float32, as in the state, so draws do not
 * depend on how they are grouped into calls.
 */
export async function drawOnHost<X extends TensorTree>(
  energy: HostEnergy,
  state: HamiltonianState<X>,
  { key, from, count }: { readonly key: HostKey; readonly from: number; readonly count: number },
  { temperatures, ...options }: HostOptions,
): Promise<Drawn<X, HamiltonianState<X>, NutsInfo>> {
  const { position: like, stepSize, inverseMass } = state;
  const { size } = energy;
  const chains = chainCount(like);
  const { rows, motions, trajectory } = opened(energy, state, { temperatures, ...options });
  const record = recorder(chains, count, size);
  for (let step = 0; step < count; step++) {
    const stepKey = random.fold(key, from + step);
    const momenta = normals(random.fold(stepKey, 0), like, chains, size);
    const decisions = decisionsFor(stepKey, chains);
    for (const motion of motions) {
      const { chain } = motion;
      trajectory.run(rows, momenta, motion, decisions);
      for (let i = chain * size; i < (chain + 1) * size; i++) rows[i] = held(rows[i]!);
      record.put(step, chain, rows, trajectory, trajectory.leaves + 1);
    }
    await pause();
  }
  return {
    state: {
      ...stateOnHost(energy, rows, like),
      ...tree.clone({ stepSize, inverseMass }),
    } as HamiltonianState<X>,
    positions: fromNumbers(record.positions, [chains, count], like),
    info: record.info(stepSize),
  };
}

/**
 * min(1, exp(-ΔH)) of one leapfrog step of each chain, 0 where ΔH is not finite; with the momenta
 * of step number `from` of `hmc`.
 */
export function probeOnHost<X extends TensorTree>(
  energy: HostEnergy,
  state: HamiltonianState<X>,
  { key, from }: { readonly key: HostKey; readonly from: number },
  options: HostOptions,
): Float32Array {
  const chains = chainCount(state.position);
  const { rows, motions, trajectory } = opened(energy, state, options);
  const stepKey = random.fold(key, from);
  const momenta = normals(random.split(stepKey, 4)[0]!, state.position, chains, energy.size);
  return Float32Array.from(motions, (motion) => {
    const change = trajectory.probe(rows, momenta, motion);
    return Number.isFinite(change) ? Math.min(1, Math.exp(-change)) : 0;
  });
}
