/**
 * The No-U-Turn Sampler, multinomial, with iterative doubling.
 *
 * From a fresh momentum the trajectory is doubled, to the left or the right at random, until it would turn back: until at one end of it, or of
 * one of its aligned spans, the velocity points against the sum of momenta. The next draw is one of its points, chosen by exp(-H) with
 * a preference for the newer half. Hoffman and Gelman, arXiv 1111.4246; Betancourt, arXiv 1701.02434, appendix A.
 *
 * The leapfrog steps are compiled, several to a program, for all chains at once; trees are decided on the host (see `leaves.ts`). The first three
 * doublings are one program, which all chains run to its end. Later ones are blocks of eight leaves for the chains that still double.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertFunction, assertPositiveInteger, random, tree, type HostKey, type TensorTree } from "@ergodic/tensor";
import { assertConstant, type ChainValue } from "../chain-settings.js";
import { assertRowEnergy, chainsOf, energyOfRows, type RowEnergy } from "../chains.js";
import {
  hamiltonian,
  type Hamiltonian,
  type HamiltonianOptions,
  type HamiltonianState,
  type Tuning,
} from "../hamiltonian.js";
import { leapfrogProbe } from "../hmc.js";
import type { HostKernel, OpenKernel } from "../kernel.js";
import { diagonalMass } from "../mass.js";
import { steadyPace, type Pace } from "../pace.js";
import { openInit } from "../start.js";
import { fromNumbers, sizeOfRow } from "../rows.js";
import { leafPrograms, type RowSystem } from "./leaves.js";
import { recorder, type NutsInfo } from "./recorder.js";
import { transit, type TransitOptions } from "./transit.js";

export type { NutsInfo };

export interface NutsOptions<X extends TensorTree = tf.Tensor> extends Omit<HamiltonianOptions<X>, "energy"> {
  /**
   * From a position to one energy per row, `[rows]`. Long trajectories are evaluated without the chains that are finished: an energy that keeps
   * something for each chain must ask which chains its rows are.
   */
  readonly energy: RowEnergy<X>;
  /** Most doublings of a trajectory, which then has 2^maxDepth points. Default 10. */
  readonly maxDepth?: number;
  /**
   * Whether, wherever two spans are joined, each is also tested together with the nearest point of the other. Trajectories that come round within
   * one half are then stopped in time, which matters on targets near a normal in unit scales. Default true, as
   * in Stan, PyMC and nutpie; NumPyro, BlackJAX and TensorFlow Probability test whole spans only.
   */
  readonly extraTurnChecks?: boolean;
}

export interface NutsKernel<X extends TensorTree = tf.Tensor>
  extends HostKernel<X, HamiltonianState<X>, NutsInfo>, Tuning<X> {
  readonly maxDepth: number;
}

/** The first state, where the energy can also be asked about one chain alone. */
function begun<X extends TensorTree>(
  system: Hamiltonian<X>,
  pace: Pace<X, HamiltonianState<X>>,
  energy: RowEnergy<X>,
  position: X,
): HamiltonianState<X> {
  const state = pace.start({ position, ...system.evaluate(position) });
  // Refuses a temperature that does not fit the chains before the first draw.
  pace.motionAt(state, chainsOf(position));
  const first = tree.map((leaf) => tf.slice(leaf, 0, 1), position as TensorTree) as X;
  const what = `one of ${chainsOf(position)} chains without the others`;
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
  options: TransitOptions & { readonly temperature: ChainValue },
): OpenKernel<X, HamiltonianState<X>, NutsInfo> {
  const start = openInit(init);
  const programs = leafPrograms(rowSystem);
  return {
    init: (position) => start.run(position),
    async draw(given, { key, from, count }) {
      const { position: like, stepSize, inverseMass } = given;
      const chains = chainsOf(like);
      const size = tree.leaves(like as TensorTree).reduce((sum, leaf) => sum + sizeOfRow(leaf), 0);
      const temperatures = perChain(options.temperature, chains);
      const record = recorder(chains, count, size);
      /** What a transition leaves behind, in the place of what it began with. */
      let made: Pick<HamiltonianState<X>, "position" | "energy" | "gradient"> | undefined;
      try {
        for (let i = 0; i < count; i++) {
          const stepKey = random.fold(key as HostKey, from + i);
          const done = await transit(programs, { ...given, ...made }, { key: stepKey, size, temperatures }, options);
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
 * @throws ValidationError for a step size or temperature that is not positive or a schedule, or a depth that is no positive integer;
 *   at the start when the energy does not return `[chains]` or fails for some chains alone, the mass does not fit the position, or a
 *   step size or temperature is neither `[]` nor `[chains]`.
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
  const init = (position: X): HamiltonianState<X> => begun(system, pace, energy, position);
  return {
    init,
    open: () => openNuts(init, rowSystem, { maxDepth, extraTurnChecks, temperature }),
    mass,
    targetAcceptance: 0.8,
    probe: leapfrogProbe(system, pace),
    maxDepth,
  };
}
