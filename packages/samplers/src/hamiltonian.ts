/**
 * The Hamiltonian system that kernels share, H(x, p) = E(x)/T + ½ pᵀM⁻¹p, and the options and
 * states of those kernels.
 *
 * Energies and gradients are cached without the temperature T, so T may change from step to step.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorTree } from "@ergodic/tensor";
import type { ChainSetting, ChainValue } from "./chain-settings.js";
import type { Energy } from "./chains.js";
import type { DoublePosition } from "./double-positions.js";
import type { HostKernel, Kernel } from "./kernel.js";
import { diagonalMass, type Mass } from "./mass.js";
import { potential, type Evaluated } from "./potential.js";
import { addScaled, innerPerChain } from "./rows.js";

/**
 * Step size and temperature are each one value for all chains or one per chain. `V` says whether
 * schedules are possible.
 */
export interface HamiltonianOptions<X extends TensorTree = tf.Tensor, V extends ChainSetting = ChainValue> {
  /**
   * From a position, a tensor or tree of tensors with the chains on the first axis, to one energy
   * per chain, `[chains]`.
   */
  readonly energy: Energy<X>;
  /** ε, positive. Default 0.1; `warmUp` finds a better one. */
  readonly stepSize?: V;
  /**
   * The form of the mass and what to start with. Default `diagonalMass()`: ones, for `warmUp` to
   * change.
   */
  readonly mass?: Mass;
  /** T, positive: the target is exp(-E/T). Default 1. */
  readonly temperature?: V;
}

/**
 * E and ∇E, without the temperature, at the position. After the energy function changed, renew them
 * by `moveTo`.
 */
export type Cached<X extends TensorTree> = {
  readonly position: X;
  readonly energy: tf.Tensor1D;
  readonly gradient: X;
};

/** Step size and inverse mass are tensors of the state; replace them freely. */
export type HamiltonianState<X extends TensorTree> = Cached<X> & {
  /** ε, `[]` or `[chains]`. */
  readonly stepSize: tf.Tensor;
  readonly inverseMass: TensorTree;
} & DoublePosition<X>;

/** The state of a kernel with schedules: `step` counts the steps made. */
export type ScheduledState<X extends TensorTree> = Cached<X> & {
  readonly step: tf.Scalar;
  readonly inverseMass: TensorTree;
};

/** What Hamiltonian kernels report: everything `[chains]`, except for the step size. */
export type HamiltonianInfo = {
  /** min(1, exp(-ΔH)), 0 where ΔH is not finite; for NUTS its mean over the trajectory. */
  readonly acceptProb: tf.Tensor1D;
  readonly accepted: tf.Tensor1D;
  readonly energyError: tf.Tensor1D;
  readonly divergent: tf.Tensor1D;
  /** H where the step ended. */
  readonly energy: tf.Tensor1D;
  /** Gradients that were computed. */
  readonly nGrad: tf.Tensor1D;
  /** ε of the step, `[]` or `[chains]`. */
  readonly stepSize: tf.Tensor;
};

/** What `warmUp` needs to know of a kernel. */
export interface Tuning<X extends TensorTree> {
  readonly mass: Mass;
  /** The mean acceptance probability that is best for this kernel. */
  readonly targetAcceptance: number;
  /** The same kernel with a single leapfrog step, for finding a first step size. */
  readonly probe: Kernel<X, HamiltonianState<X>, HamiltonianInfo>;
}

/** A kernel whose step size and mass can be adapted. */
export interface HamiltonianKernel<X extends TensorTree = tf.Tensor>
  extends Kernel<X, HamiltonianState<X>, HamiltonianInfo>, Tuning<X> {}

/** A kernel whose step size or temperature changes with the step. It is not for `warmUp`. */
export type ScheduledKernel<X extends TensorTree = tf.Tensor> = Kernel<X, ScheduledState<X>, HamiltonianInfo>;

/** Any kernel for `warmUp`. */
export type Tunable<X extends TensorTree = tf.Tensor> = Tuning<X> &
  (Kernel<X, HamiltonianState<X>, HamiltonianInfo> | HostKernel<X, HamiltonianState<X>, HamiltonianInfo>);

/** A point of a trajectory. */
export type PhasePoint<X extends TensorTree> = Evaluated<X> & { readonly position: X; readonly momentum: X };

/** The numbers of one step. */
export interface Motion {
  /** ε, `[]` or one per row. */
  readonly stepSize: tf.Tensor;
  readonly inverseMass: TensorTree;
  /** T, `[]` or one per row; nothing for T = 1. */
  readonly temperature?: tf.Tensor | undefined;
}

/** How points move, for any step size and temperature. */
export interface Hamiltonian<X extends TensorTree> {
  readonly mass: Mass;
  evaluate(position: X): Evaluated<X>;
  /** E and ∇E after x moved by ε M⁻¹p. */
  drift(point: PhasePoint<X>, motion: Motion): PhasePoint<X>;
  /** p - share · ε ∇E/T. */
  kick(point: PhasePoint<X>, motion: Motion, share?: number): PhasePoint<X>;
  /** H, `[chains]`. */
  total(point: PhasePoint<X>, motion: Motion): tf.Tensor1D;
  /**
   * ΔH from `start` to `end`, `[chains]`. The energies are subtracted first, so that momenta are
   * not rounded to the last digit of a large energy.
   */
  change(start: PhasePoint<X>, end: PhasePoint<X>, motion: Motion): tf.Tensor1D;
}

/** @throws ValidationError for an energy that is no function. */
export function hamiltonian<X extends TensorTree>(
  { energy, mass = diagonalMass() }: Pick<HamiltonianOptions<X>, "energy" | "mass">,
  caller: string,
): Hamiltonian<X> {
  const evaluate = potential(energy, caller);
  const kinetic = ({ momentum }: PhasePoint<X>, { inverseMass }: Motion): tf.Tensor =>
    tf.mul(0.5, innerPerChain(momentum, mass.velocity(inverseMass, momentum)));
  const cooled = (energies: tf.Tensor1D, { temperature }: Motion): tf.Tensor1D =>
    temperature === undefined ? energies : tf.div(energies, temperature);
  return {
    mass,
    evaluate,
    drift({ position, momentum }, { stepSize, inverseMass }) {
      const moved = addScaled(position, stepSize, mass.velocity(inverseMass, momentum));
      return { position: moved, momentum, ...evaluate(moved) };
    },
    kick(point, { stepSize, temperature }, share = 1) {
      const size = share === 1 ? stepSize : tf.mul(share, stepSize);
      const impulse = tf.neg(temperature === undefined ? size : tf.div(size, temperature));
      return { ...point, momentum: addScaled(point.momentum, impulse, point.gradient) };
    },
    total: (point, motion) => tf.add(cooled(point.energy, motion), kinetic(point, motion)),
    change: (start, end, motion) =>
      tf.add(cooled(tf.sub(end.energy, start.energy), motion), tf.sub(kinetic(end, motion), kinetic(start, motion))),
  };
}
