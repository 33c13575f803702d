/**
 * The No-U-Turn Sampler, multinomial, with iterative doubling.
 *
 * From a fresh momentum the trajectory is doubled, to the left or the right at random, until it
 * would turn back: until at one end of the trajectory, or of one of its aligned spans, the velocity
 * points against the sum of momenta. The next draw is a point of the trajectory, chosen by exp(-H)
 * with a preference for the newer half.
 *
 * Where the energy of one chain is small, trajectories run on the host in float64, chain by chain
 * (`host-energy.ts`, `host-trajectory.ts`, `host-chains.ts`).
 *
 * Otherwise leapfrog steps are compiled, several to a program, for all chains at once. The host
 * decides trees:
 *   - `leaves.ts` holds the programs.
 *   - `turns.ts` tests for U-turns.
 *   - `transition.ts` chooses points and counts, for each chain.
 *   - `doubling.ts` runs a transition: the first three doublings in one program that all chains run
 *     to its end, later ones in blocks of eight leaves for the chains that still double.
 *
 * Hoffman and Gelman, arXiv 1111.4246; Betancourt, arXiv 1701.02434, appendix A.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, ensureEngine, tidy } from "@ergodic/engine";
import { assertFunction, assertPositiveInteger, random, tree, type HostKey, type TensorTree } from "@ergodic/tensor";
import { assertConstant, perChain, type ChainValue } from "../chain-settings.js";
import { assertRowEnergy, chainCount, energyOfRows, type RowEnergy } from "../chains.js";
import {
  hamiltonian,
  type Hamiltonian,
  type HamiltonianOptions,
  type HamiltonianState,
  type Tuning,
} from "../hamiltonian.js";
import { leapfrogProbe } from "../hmc.js";
import type { Drawn, HostKernel, OpenKernel } from "../kernel.js";
import { adaptedMass, dimensionOf, type Mass } from "../mass.js";
import { compiledProbe, type OpenProbe } from "../open-kernel.js";
import { steadyPace, type Pace } from "../pace.js";
import { fromNumbers } from "../rows.js";
import { checkedStart } from "../start.js";
import { runTransition, type TransitionOptions } from "./doubling.js";
import { hostChains, type HostChains } from "./host-chains.js";
import { hostEnergy } from "./host-energy.js";
import { leafPrograms, type RowSystem } from "./leaves.js";
import { recorder, type NutsInfo } from "./records.js";

export type { NutsInfo } from "./records.js";

export interface NutsOptions<X extends TensorTree = tf.Tensor> extends Omit<HamiltonianOptions<X>, "energy" | "mass"> {
  /**
   * From a position to one energy per row, `[rows]`.
   *
   * Long trajectories are evaluated without the chains that are finished, so an energy that keeps
   * something for each chain must ask which chains its rows are.
   */
  readonly energy: RowEnergy<X>;
  /**
   * The form of the mass and what to start with. Default: {@link adaptedMass}, dense up to 32
   * numbers and diagonal above, for `warmUp` to change.
   */
  readonly mass?: Mass;
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

export interface NutsKernel<X extends TensorTree = tf.Tensor>
  extends HostKernel<X, HamiltonianState<X>, NutsInfo>, Tuning<X> {
  readonly maxDepth: number;
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

/** Where a kernel runs: on the host, or nothing for the engine. */
interface Hosted<X extends TensorTree> {
  of(position: X): Promise<HostChains<X> | undefined>;
  dispose(): void;
}

/** Decides once for positions of a form. */
function hosted<X extends TensorTree>(energy: RowEnergy<X>, options: TransitionOptions): Hosted<X> {
  const known = new Map<string, HostChains<X> | undefined>();
  return {
    async of(position) {
      await ensureEngine();
      chainCount(position);
      const shapes = tree.leaves(position as TensorTree).map(({ shape }) => shape.slice(1).join("x"));
      const key = [...tree.paths(position as TensorTree), ...shapes].join();
      if (!known.has(key)) {
        const host = hostEnergy(energy, position);
        known.set(key, host && hostChains(host, options));
      }
      return known.get(key);
    },
    dispose: () => known.forEach((host) => host?.dispose()),
  };
}

interface OpenOptions<X extends TensorTree> extends TransitionOptions {
  readonly temperature: ChainValue;
  readonly pace: Pace<X, HamiltonianState<X>>;
  readonly probe: Tuning<X>["probe"];
}

function openNuts<X extends TensorTree>(
  init: (position: X) => HamiltonianState<X>,
  energy: RowEnergy<X>,
  rowSystem: RowSystem<X>,
  options: OpenOptions<X>,
): OpenKernel<X, HamiltonianState<X>, NutsInfo> & { readonly probe: OpenProbe<X> } {
  const { temperature, pace } = options;
  const host = hosted(energy, options);
  const compiledInit = compile(init);
  const programs = leafPrograms(rowSystem);

  const start = checkedStart(async (position: X) => {
    const chains = await host.of(position);
    if (chains === undefined) return compiledInit(position);
    return tidy(() => {
      const state = pace.start(chains.start(position));
      pace.motionAt(state, chainCount(position));
      return state;
    });
  });

  /** Draws by the programs of the engine. */
  async function drawn(
    given: HamiltonianState<X>,
    { key, from, count }: { readonly key: HostKey; readonly from: number; readonly count: number },
    temperatures: Float64Array,
  ): Promise<Drawn<X, HamiltonianState<X>, NutsInfo>> {
    const { position: like, stepSize, inverseMass } = given;
    const chains = chainCount(like);
    const size = dimensionOf(like);
    const record = recorder(chains, count, size);
    /** Where the last transition ended. */
    let made: Pick<HamiltonianState<X>, "position" | "energy" | "gradient"> | undefined;
    try {
      for (let i = 0; i < count; i++) {
        const stepKey = random.fold(key, from + i);
        const done = await runTransition(
          programs,
          { ...given, ...made },
          { key: stepKey, size, temperatures },
          options,
        );
        const { transition, gradients } = done;
        for (let chain = 0; chain < chains; chain++)
          record.put(i, chain, { rows: transition.chosen.position, row: chain }, transition.reportOf(chain), gradients);
        tree.dispose(made);
        made = transition.chosenAs(like);
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
  }

  const enginesProbe = compiledProbe(options);
  const probe: OpenProbe<X> = {
    async acceptance(state, { key, from }) {
      const chains = await host.of(state.position);
      if (chains === undefined) return enginesProbe.acceptance(state, { key, from });
      return chains.probe(state, { key: key as HostKey, from }, perChain(temperature, chainCount(state.position)));
    },
    dispose: () => enginesProbe.dispose(),
  };

  return {
    probe,
    init: (begin) => start.run(begin),
    async draw(given, { key, from, count }) {
      const temperatures = perChain(temperature, chainCount(given.position));
      const which = { key: key as HostKey, from, count };
      const chains = await host.of(given.position);
      return chains === undefined ? drawn(given, which, temperatures) : chains.draw(given, which, temperatures);
    },
    async dispose() {
      host.dispose();
      await Promise.all([compiledInit.dispose(), programs.dispose()]);
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
  mass = adaptedMass(),
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
  const probe = leapfrogProbe(system, pace);
  return {
    init,
    open: () => openNuts(init, energy, rowSystem, { maxDepth, extraTurnChecks, temperature, pace, probe }),
    mass,
    targetAcceptance: 0.8,
    probe,
    maxDepth,
  };
}
