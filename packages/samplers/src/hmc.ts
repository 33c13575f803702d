/**
 * Hamiltonian Monte Carlo.
 *
 * A step draws a momentum p ~ N(0, M), follows dx = M⁻¹p dt, dp = -∇E/T dt by L leapfrog steps of size ε,
 *
 *   p ← p - (ε/2) ∇E,  x ← x + ε M⁻¹p,  p ← p - (ε/2) ∇E,
 *
 * and accepts where it led with probability min(1, exp(H - H')). Half kicks between leapfrog steps are merged, so a step costs L gradients.
 * Stable while ε times the highest frequency is below 2. Duane et al. (1987); Neal, arXiv 1206.1901.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertCount, assertInRange, fail, random, type Key, type TensorTree } from "@ergodic/tensor";
import { chainsOf } from "./chains.js";
import {
  hamiltonian,
  type Hamiltonian,
  type HamiltonianInfo,
  type HamiltonianKernel,
  type HamiltonianOptions,
  type HamiltonianState,
  type PhasePoint,
} from "./hamiltonian.js";
import type { Kernel } from "./kernel.js";
import { metropolis } from "./metropolis.js";
import { selectRows } from "./rows.js";

export interface HmcOptions<X extends TensorTree = tf.Tensor> extends HamiltonianOptions<X> {
  /**
   * L, the number of leapfrog steps; or several, of which each chain draws one at every step, equally likely. The chains advance together, so
   * a list costs its largest number of gradients at every step. It pays where a fixed length comes near a period of the target: on a normal
   * target in unit scales, after 2π, the chain is back where it was.
   */
  readonly steps: number | readonly number[];
  /**
   * j: at every step each chain multiplies ε by its own number from [1 - j, 1 + j], which keeps trajectories from closing on themselves.
   * Default 0.1.
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

/** The whole trajectory from `start`; chains whose length is reached stay where they are. */
export function trajectory<X extends TensorTree>(
  system: Hamiltonian<X>,
  start: PhasePoint<X>,
  {
    stepSize,
    inverseMass,
    longest,
    shortest = longest,
    lengths,
  }: {
    readonly stepSize: tf.Tensor;
    readonly inverseMass: TensorTree;
    readonly longest: number;
    readonly shortest?: number;
    readonly lengths?: tf.Tensor | undefined;
  },
): PhasePoint<X> {
  const half = tf.mul(0.5, stepSize);
  let point = system.kick(start, half);
  for (let done = 0; done < longest; done++) {
    const next = system.kick(system.drift(point, stepSize, inverseMass), stepSize);
    point = lengths === undefined || done < shortest ? next : selectRows(tf.less(done, lengths), next, point);
  }
  // Every chain's last kick was a whole one.
  return system.kick(point, tf.neg(half));
}

function hmcStep<X extends TensorTree>(
  system: Hamiltonian<X>,
  lengths: Lengths,
  stepJitter: number,
): Kernel<X, HamiltonianState<X>, HamiltonianInfo> {
  return {
    init: (position) => system.init(position),
    moveTo: (state, position) => system.moveTo(state, position),
    step(state, key) {
      const [momentumKey, lengthKey, jitterKey, decisionKey] = random.split(key, 4) as [Key, Key, Key, Key];
      const { inverseMass, stepSize, position, energy, gradient } = state;
      const chains = chainsOf(position);
      const momentum = system.mass.momentum(inverseMass, momentumKey, position);
      const start = { position, energy, gradient, momentum };
      const range = { low: 1 - stepJitter, high: 1 + stepJitter };
      const end = trajectory(system, start, {
        stepSize: stepJitter === 0 ? stepSize : tf.mul(stepSize, random.uniform(jitterKey, [chains], range)),
        inverseMass,
        longest: lengths.longest,
        shortest: lengths.shortest,
        lengths: lengths.draw(lengthKey, chains),
      });
      const [before, after] = [system.total(start, inverseMass), system.total(end, inverseMass)];
      const decision = metropolis(tf.sub(after, before), decisionKey);
      const { accepted } = decision;
      const moved = selectRows<TensorTree>(
        accepted,
        [end.position, end.energy, end.gradient, after],
        [position, energy, gradient, before],
      ) as [X, tf.Tensor1D, X, tf.Tensor1D];
      return [
        { position: moved[0], energy: moved[1], gradient: moved[2], stepSize, inverseMass },
        { ...decision, energy: moved[3], nGrad: tf.fill([chains], lengths.longest), stepSize },
      ];
    },
  };
}

/** HMC with a single leapfrog step. */
export const leapfrogProbe = <X extends TensorTree>(
  system: Hamiltonian<X>,
): Kernel<X, HamiltonianState<X>, HamiltonianInfo> => hmcStep(system, lengthsOf(1), 0);

/**
 * The HMC kernel of an energy. Energies are float32: where |E| is above some 10⁵ the rounding of ΔH begins to matter.
 *
 * @throws ValidationError for a step size or temperature that is not positive, numbers of steps that are no positive integers, or a jitter
 *   outside [0, 1); at the first step when the energy does not return `[chains]` or the mass does not fit the position.
 */
export function hmc<X extends TensorTree = tf.Tensor>(options: HmcOptions<X>): HamiltonianKernel<X> {
  const { stepJitter = 0.1, steps } = options;
  assertInRange({ stepJitter }, { min: 0, max: 1, maxOpen: true });
  const system = hamiltonian(options, "hmc");
  return {
    ...hmcStep(system, lengthsOf(steps), stepJitter),
    mass: system.mass,
    targetAcceptance: 0.8,
    probe: leapfrogProbe(system),
  };
}

/**
 * The Metropolis-adjusted Langevin algorithm: the proposal
 *
 *   x' = x - (ε²/2) M⁻¹∇E(x) + ε M^(-1/2) ξ
 *
 * with the Metropolis-Hastings correction of its asymmetry. That is HMC with a single leapfrog step: ξ is the momentum, and -ΔH the
 * logarithm of the Metropolis-Hastings ratio. Roberts and Rosenthal (1998).
 *
 * @throws ValidationError as {@link hmc}.
 */
export function mala<X extends TensorTree = tf.Tensor>(options: HamiltonianOptions<X>): HamiltonianKernel<X> {
  const system = hamiltonian(options, "mala");
  const kernel = leapfrogProbe(system);
  return { ...kernel, mass: system.mass, targetAcceptance: 0.574, probe: kernel };
}
