/**
 * The No-U-Turn Sampler, multinomial, with iterative doubling.
 *
 * From a fresh momentum the trajectory is doubled, to the left or the right at random, until it
 * would turn back: until at one end of the trajectory, or of one of its aligned spans, the velocity
 * points against the sum of momenta. The next draw is a point of the trajectory, chosen by exp(-H)
 * with a preference for the newer half.
 *
 * Leapfrog steps are compiled, several to a program, for all chains at once. The host decides
 * trees:
 *   - `leaves.ts` holds the programs.
 *   - `turns.ts` tests for U-turns.
 *   - `transition.ts` chooses points and counts, for each chain.
 *   - `doubling.ts` runs a transition: the first three doublings in one program that all chains run
 *     to its end, later ones in blocks of eight leaves for the chains that still double.
 *
 * Hoffman and Gelman, arXiv 1111.4246; Betancourt, arXiv 1701.02434, appendix A.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { assertFunction, assertPositiveInteger, random, tree, type HostKey, type TensorTree } from "@ergodic/tensor";
import { assertConstant, type ChainValue } from "../chain-settings.js";
import { assertRowEnergy, chainCount, energyOfRows, type RowEnergy } from "../chains.js";
import {
  hamiltonian,
  type Hamiltonian,
  type HamiltonianInfo,
  type HamiltonianOptions,
  type HamiltonianState,
  type Tuning,
} from "../hamiltonian.js";
import { leapfrogProbe } from "../hmc.js";
import type { HostKernel, OpenKernel } from "../kernel.js";
import { diagonalMass } from "../mass.js";
import { stackSteps } from "../open-kernel.js";
import { steadyPace, type Pace } from "../pace.js";
import { fromNumbers, sizeOfRow } from "../rows.js";
import { openInit } from "../start.js";
import { runTransition, type Ended, type TransitionOptions } from "./doubling.js";
import { leafPrograms, type RowSystem } from "./leaves.js";

export interface NutsOptions<X extends TensorTree = tf.Tensor> extends Omit<HamiltonianOptions<X>, "energy"> {
  /**
   * From a position to one energy per row, `[rows]`.
   *
   * Long trajectories are evaluated without the chains that are finished, so an energy that keeps
   * something for each chain must ask which chains its rows are.
   */
  readonly energy: RowEnergy<X>;
  /** Most doublings of a trajectory, which then has 2^maxDepth points. At least 1. Default 10. */
  readonly maxDepth?: number;
  /**
   * Whether, wherever two spans are joined, each is also tested together with the nearest point of
   * the other.
   *
   * Trajectories that come round within one half are then stopped in time, which matters on targets
   * near a normal in unit scales. Default true, as in Stan, PyMC and nutpie; NumPyro, BlackJAX and
   * TensorFlow Probability test whole spans only.
   */
  readonly extraTurnChecks?: boolean;
}

/**
 * What NUTS reports of a transition.
 *
 * `acceptProb` is the mean of min(1, exp(-ΔH)) over all visited points, and `energyError` the ΔH of
 * the chosen point. `accepted` says whether the chosen point differs from the first. `nGrad` counts
 * the gradients computed in lock-step.
 */
export type NutsInfo = HamiltonianInfo & {
  /** Doublings, `[chains]`. */
  readonly treeDepth: tf.Tensor1D;
  /** Leapfrog steps of the chain's own trajectory, `[chains]`. */
  readonly nLeapfrog: tf.Tensor1D;
};

export interface NutsKernel<X extends TensorTree = tf.Tensor>
  extends HostKernel<X, HamiltonianState<X>, NutsInfo>, Tuning<X> {
  readonly maxDepth: number;
}

/** Collects what `count` transitions of all chains report, `[chains, count, ...]`. */
function recorder(chains: number, count: number, size: number) {
  const floats = (): Float32Array<ArrayBuffer> => new Float32Array(chains * count);
  const flags = (): Uint8Array<ArrayBuffer> => new Uint8Array(chains * count);
  const positions = new Float32Array(chains * count * size);
  const accepted = flags();
  const divergent = flags();
  const acceptProb = floats();
  const energyError = floats();
  const energy = floats();
  const treeDepth = floats();
  const nLeapfrog = floats();
  const nGrad = floats();
  return {
    write(step: number, { transition, gradients }: Ended): void {
      const { chosen, startTotal, acceptance, leaves, depth, moved } = transition;
      for (let chain = 0; chain < chains; chain++) {
        const at = chain * count + step;
        positions.set(chosen.position.subarray(chain * size, (chain + 1) * size), at * size);
        accepted[at] = moved[chain]!;
        divergent[at] = transition.divergent[chain]!;
        acceptProb[at] = acceptance[chain]! / leaves[chain]!;
        energyError[at] = chosen.total[chain]! - startTotal[chain]!;
        energy[at] = chosen.total[chain]!;
        treeDepth[at] = depth[chain]!;
        nLeapfrog[at] = leaves[chain]!;
        nGrad[at] = gradients;
      }
    },
    positions,
    info(stepSize: tf.Tensor): NutsInfo {
      const table = (values: Float32Array | Uint8Array, dtype: "float32" | "bool" = "float32") =>
        tf.tensor(values, [chains, count], dtype) as unknown as tf.Tensor1D;
      return {
        acceptProb: table(acceptProb),
        accepted: table(accepted, "bool"),
        energyError: table(energyError),
        divergent: table(divergent, "bool"),
        energy: table(energy),
        nGrad: table(nGrad),
        stepSize: tidy(() => stackSteps(new Array<tf.Tensor>(count).fill(stepSize))),
        treeDepth: table(treeDepth),
        nLeapfrog: table(nLeapfrog),
      };
    },
  };
}

/**
 * The first state.
 *
 * @throws ValidationError for an energy that cannot evaluate one chain alone, or a temperature of
 *   another shape.
 */
function firstState<X extends TensorTree>(
  system: Hamiltonian<X>,
  pace: Pace<X, HamiltonianState<X>>,
  energy: RowEnergy<X>,
  position: X,
): HamiltonianState<X> {
  const state = pace.start({ position, ...system.evaluate(position) });
  pace.motionAt(state, chainCount(position));
  const first = tree.map((leaf) => tf.slice(leaf, 0, 1), position as TensorTree) as X;
  const what = `one of ${chainCount(position)} chains without the others`;
  assertRowEnergy(() => energy(first, tf.tensor1d([0], "int32")), { rows: 1, what, caller: "nuts({ energy })" });
  return state;
}

/** A value of each chain, in float64. */
function perChain(value: ChainValue, chains: number): Float64Array {
  if (typeof value === "number") return new Float64Array(chains).fill(value);
  const values = value.dataSync();
  return values.length === 1 ? new Float64Array(chains).fill(values[0]!) : Float64Array.from(values);
}

function openNuts<X extends TensorTree>(
  init: (position: X) => HamiltonianState<X>,
  rowSystem: RowSystem<X>,
  options: TransitionOptions & { readonly temperature: ChainValue },
): OpenKernel<X, HamiltonianState<X>, NutsInfo> {
  const start = openInit(init);
  const programs = leafPrograms(rowSystem);
  return {
    init: (position) => start.run(position),
    async draw(given, { key, from, count }) {
      const { position: like, stepSize, inverseMass } = given;
      const chains = chainCount(like);
      const size = tree.leaves(like as TensorTree).reduce((sum, leaf) => sum + sizeOfRow(leaf), 0);
      const temperatures = perChain(options.temperature, chains);
      const record = recorder(chains, count, size);
      /** Where the last transition ended. */
      let made: Pick<HamiltonianState<X>, "position" | "energy" | "gradient"> | undefined;
      try {
        for (let i = 0; i < count; i++) {
          const stepKey = random.fold(key as HostKey, from + i);
          const done = await runTransition(
            programs,
            { ...given, ...made },
            { key: stepKey, size, temperatures },
            options,
          );
          record.write(i, done);
          tree.dispose(made);
          made = done.transition.chosenAs(like);
        }
      } catch (error) {
        tree.dispose(made);
        throw error;
      }
      return {
        state: { ...made!, ...tree.clone({ stepSize, inverseMass }) },
        positions: fromNumbers(record.positions, [chains, count], like),
        info: record.info(stepSize),
      };
    },
    async dispose() {
      await Promise.all([start.dispose(), programs.dispose()]);
    },
  };
}

/**
 * The NUTS kernel of an energy, for `warmUp` and `sample`.
 *
 * Step size and temperature are each one value for all chains, or one per chain.
 *
 * @throws ValidationError for a step size or temperature that is not positive or a schedule, or a
 *   depth that is no positive integer; at the start when the energy does not return `[chains]` or
 *   fails for some chains alone, the mass does not fit the position, or a step size or temperature
 *   is neither `[]` nor `[chains]`.
 */
export function nuts<X extends TensorTree = tf.Tensor>({
  maxDepth = 10,
  extraTurnChecks = true,
  energy,
  mass = diagonalMass(),
  stepSize = 0.1,
  temperature = 1,
}: NutsOptions<X>): NutsKernel<X> {
  assertPositiveInteger({ maxDepth });
  assertFunction({ energy });
  assertConstant("nuts({ stepSize })", stepSize);
  assertConstant("nuts({ temperature })", temperature);
  const pace = steadyPace<X>({ stepSize, temperature }, mass);
  const rowSystem: RowSystem<X> = {
    of: (chains) => hamiltonian({ energy: energyOfRows(energy, chains), mass }, "nuts"),
    motionAt: (state, chains) => pace.motionAt(state, chains),
  };
  const system = rowSystem.of();
  const init = (position: X): HamiltonianState<X> => firstState(system, pace, energy, position);
  return {
    init,
    open: () => openNuts(init, rowSystem, { maxDepth, extraTurnChecks, temperature }),
    mass,
    targetAcceptance: 0.8,
    probe: leapfrogProbe(system, pace),
    maxDepth,
  };
}
