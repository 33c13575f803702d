/**
 * Hamiltonian Monte Carlo.
 *
 * A step draws a momentum p ~ N(0, M) and follows dx = M⁻¹p dt, dp = -∇E/T dt by L leapfrog steps
 * of size ε,
 *
 *   p ← p - (ε/2T) ∇E,  x ← x + ε M⁻¹p,  p ← p - (ε/2T) ∇E.
 *
 * It accepts where the trajectory ended with probability min(1, exp(H - H')). Half kicks between
 * leapfrog steps are merged, so a step costs L gradients. Leapfrog is stable while ε times the
 * highest frequency is below 2.
 *
 * Duane et al. (1987); Neal, arXiv 1206.1901.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertCount, assertInRange, fail, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainSetting, ChainValue } from "./chain-settings.js";
import { chainCount } from "./chains.js";
import {
  hamiltonian,
  type Cached,
  type Hamiltonian,
  type HamiltonianInfo,
  type HamiltonianKernel,
  type HamiltonianOptions,
  type HamiltonianState,
  type Motion,
  type PhasePoint,
  type ScheduledKernel,
} from "./hamiltonian.js";
import type { Kernel, KernelState } from "./kernel.js";
import { diagonalMass } from "./mass.js";
import { metropolis } from "./metropolis.js";
import { isSteady, scheduledPace, steadyPace, type Pace } from "./pace.js";
import { selectRows } from "./rows.js";

export interface HmcOptions<
  X extends TensorTree = tf.Tensor,
  V extends ChainSetting = ChainValue,
> extends HamiltonianOptions<X, V> {
  /**
   * L, the number of leapfrog steps; or several numbers, of which each chain draws one at every
   * step, equally likely.
   *
   * Chains advance together, so a list costs its largest number of gradients at every step. A list
   * pays where a fixed length comes near a period of the target: on a normal target in unit scales,
   * after 2π, the chain is back where it was.
   */
  readonly steps: number | readonly number[];
  /**
   * j: at every step each chain multiplies ε by its own number from [1 - j, 1 + j], which keeps
   * trajectories from closing on themselves. Default 0.1.
   */
  readonly stepJitter?: number;
}

interface Lengths {
  readonly shortest: number;
  readonly longest: number;
  /** How long each chain's trajectory is, `[chains]`; nothing when all are equally long. */
  draw(key: Key, chains: number): tf.Tensor | undefined;
}

function lengthsOf(steps: number | readonly number[]): Lengths {
  const list = typeof steps === "number" ? [steps] : steps;
  if (list.length === 0) fail("steps is an empty list", "at least one number of leapfrog steps");
  list.forEach((count) => assertCount({ steps: count }, 10_000));
  const [shortest, longest] = [Math.min(...list), Math.max(...list)];
  return {
    shortest,
    longest,
    draw: (key, chains) =>
      shortest === longest
        ? undefined
        : tf.gather(tf.tensor1d([...list], "int32"), random.integers(key, [chains], { high: list.length })),
  };
}

interface Stretch {
  readonly longest: number;
  readonly shortest?: number;
  readonly lengths?: tf.Tensor | undefined;
}

/** The whole trajectory from `start`; chains whose length is reached stay where they are. */
export function trajectory<X extends TensorTree>(
  system: Hamiltonian<X>,
  start: PhasePoint<X>,
  motion: Motion,
  { longest, shortest = longest, lengths }: Stretch,
): PhasePoint<X> {
  let point = system.kick(start, motion, 0.5);
  for (let done = 0; done < longest; done++) {
    const next = system.kick(system.drift(point, motion), motion);
    point = lengths === undefined || done < shortest ? next : selectRows(tf.less(done, lengths), next, point);
  }
  // Every chain's last kick was a whole one.
  return system.kick(point, motion, -0.5);
}

interface HmcStep<X extends TensorTree, S extends Cached<X>> {
  readonly pace: Pace<X, S>;
  readonly lengths: Lengths;
  readonly stepJitter: number;
}

function hmcStep<X extends TensorTree, S extends Cached<X> & KernelState<X>>(
  system: Hamiltonian<X>,
  { pace, lengths, stepJitter }: HmcStep<X, S>,
): Kernel<X, S, HamiltonianInfo> {
  return {
    init: (position) => pace.start({ position, ...system.evaluate(position) }),
    moveTo: (state, position) => ({ ...state, position, ...system.evaluate(position) }),
    step(state, key) {
      const [momentumKey, lengthKey, jitterKey, decisionKey] = random.split(key, 4) as [Key, Key, Key, Key];
      const { position, energy, gradient } = state;
      const chains = chainCount(position);
      const motion = pace.motionAt(state, chains);
      const { stepSize } = motion;
      const momentum = system.mass.momentum(motion.inverseMass, momentumKey, position);
      const start = { position, energy, gradient, momentum };
      const range = { low: 1 - stepJitter, high: 1 + stepJitter };
      const jittered = stepJitter === 0 ? stepSize : tf.mul(stepSize, random.uniform(jitterKey, [chains], range));
      const end = trajectory(
        system,
        start,
        { ...motion, stepSize: jittered },
        {
          longest: lengths.longest,
          shortest: lengths.shortest,
          lengths: lengths.draw(lengthKey, chains),
        },
      );
      const [before, after] = [system.total(start, motion), system.total(end, motion)];
      const decision = metropolis(system.change(start, end, motion), decisionKey);
      const { accepted } = decision;
      const moved = selectRows<TensorTree>(
        accepted,
        [end.position, end.energy, end.gradient, after],
        [position, energy, gradient, before],
      ) as [X, tf.Tensor1D, X, tf.Tensor1D];
      return [
        pace.next(state, { position: moved[0], energy: moved[1], gradient: moved[2] }),
        { ...decision, energy: moved[3], nGrad: tf.fill([chains], lengths.longest), stepSize },
      ];
    },
  };
}

/** HMC with a single leapfrog step. */
export const leapfrogProbe = <X extends TensorTree>(
  system: Hamiltonian<X>,
  pace: Pace<X, HamiltonianState<X>>,
): HamiltonianKernel<X>["probe"] => hmcStep(system, { pace, lengths: lengthsOf(1), stepJitter: 0 });

/**
 * The HMC kernel of an energy.
 *
 * Step size and temperature are each one value for all chains, or one per chain; with a schedule
 * for either, `warmUp` cannot tune the kernel. Energies are float32: where |E| is above some 10⁵
 * the rounding of ΔH begins to matter.
 *
 * @throws ValidationError for a step size or temperature that is not positive, numbers of steps
 *   that are no positive integers, or a jitter outside [0, 1); at the start when the energy does
 *   not return `[chains]`, the mass does not fit the position, or a step size or temperature is
 *   neither `[]` nor `[chains]`.
 */
export function hmc<X extends TensorTree = tf.Tensor>(options: HmcOptions<X>): HamiltonianKernel<X>;
export function hmc<X extends TensorTree = tf.Tensor>(
  options: HmcOptions<X, ChainSetting>,
): HamiltonianKernel<X> | ScheduledKernel<X>;
export function hmc<X extends TensorTree = tf.Tensor>(
  options: HmcOptions<X, ChainSetting>,
): HamiltonianKernel<X> | ScheduledKernel<X> {
  const { stepJitter = 0.1, mass = diagonalMass() } = options;
  assertInRange({ stepJitter }, { min: 0, max: 1, maxOpen: true });
  const lengths = lengthsOf(options.steps);
  const system = hamiltonian({ ...options, mass }, "hmc");
  if (!isSteady(options)) return hmcStep(system, { pace: scheduledPace(options, mass), lengths, stepJitter });
  const pace = steadyPace<X>(options, mass);
  return {
    ...hmcStep(system, { pace, lengths, stepJitter }),
    mass,
    targetAcceptance: 0.8,
    probe: leapfrogProbe(system, pace),
  };
}

/**
 * The Metropolis-adjusted Langevin algorithm: the proposal
 *
 *   x' = x - (ε²/2T) M⁻¹∇E(x) + ε M^(-1/2) ξ
 *
 * with the Metropolis-Hastings correction of its asymmetry. That is HMC with a single leapfrog
 * step: ξ is the momentum, and -ΔH the logarithm of the Metropolis-Hastings ratio. Roberts and
 * Rosenthal (1998).
 *
 * @throws ValidationError as {@link hmc}.
 */
export function mala<X extends TensorTree = tf.Tensor>(options: HamiltonianOptions<X>): HamiltonianKernel<X>;
export function mala<X extends TensorTree = tf.Tensor>(
  options: HamiltonianOptions<X, ChainSetting>,
): HamiltonianKernel<X> | ScheduledKernel<X>;
export function mala<X extends TensorTree = tf.Tensor>(
  options: HamiltonianOptions<X, ChainSetting>,
): HamiltonianKernel<X> | ScheduledKernel<X> {
  const { mass = diagonalMass() } = options;
  const system = hamiltonian({ ...options, mass }, "mala");
  if (!isSteady(options)) {
    return hmcStep(system, { pace: scheduledPace(options, mass), lengths: lengthsOf(1), stepJitter: 0 });
  }
  const kernel = leapfrogProbe(system, steadyPace<X>(options, mass));
  return { ...kernel, mass, targetAcceptance: 0.574, probe: kernel };
}
