/** What Hamiltonian kernels share: their state, and the leapfrog integrator of H(x, p) = E(x)/T + ½ pᵀM⁻¹p. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, type TensorTree } from "@ergodic/tensor";
import type { Energy } from "./chains.js";
import type { HostKernel, Kernel } from "./kernel.js";
import { diagonalMass, type Mass } from "./mass.js";
import { potential, type Evaluated } from "./potential.js";
import { addScaled, innerPerChain } from "./rows.js";

export interface HamiltonianOptions<X extends TensorTree = tf.Tensor> {
  /** From a position, a tensor or tree of tensors with the chains on the first axis, to one energy per chain, `[chains]`. */
  readonly energy: Energy<X>;
  /** ε, positive. Default 0.1; `warmUp` finds a better one. */
  readonly stepSize?: number;
  /** The form of the mass and what to start with. Default `diagonalMass()`: ones, for `warmUp` to change. */
  readonly mass?: Mass;
  /** T: the target is exp(-E/T). Default 1. */
  readonly temperature?: number;
}

/**
 * Energy (E/T) and gradient are those at the position: after the energy function changed, renew them by `moveTo`.
 * Step size and inverse mass are tensors of the state, the same for all chains; replace them freely.
 */
export type HamiltonianState<X extends TensorTree> = {
  readonly position: X;
  readonly energy: tf.Tensor1D;
  readonly gradient: X;
  readonly stepSize: tf.Scalar;
  readonly inverseMass: TensorTree;
};

/** What Hamiltonian kernels report: everything `[chains]`, except for the step size, a scalar. */
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
  readonly stepSize: tf.Scalar;
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

/** Any kernel for `warmUp`. */
export type Tunable<X extends TensorTree = tf.Tensor> = Tuning<X> &
  (Kernel<X, HamiltonianState<X>, HamiltonianInfo> | HostKernel<X, HamiltonianState<X>, HamiltonianInfo>);

/** A point of a trajectory. */
export type PhasePoint<X extends TensorTree> = Evaluated<X> & { readonly position: X; readonly momentum: X };

/** A Hamiltonian system: where kernels start, and how it moves. */
export interface Hamiltonian<X extends TensorTree> {
  readonly mass: Mass;
  init(position: X): HamiltonianState<X>;
  moveTo(state: HamiltonianState<X>, position: X): HamiltonianState<X>;
  /** E and ∇E after x moved by ε M⁻¹p. */
  drift(point: PhasePoint<X>, stepSize: tf.Tensor, inverseMass: TensorTree): PhasePoint<X>;
  /** p - ε ∇E. */
  kick(point: PhasePoint<X>, stepSize: tf.Tensor): PhasePoint<X>;
  /** H, `[chains]`. */
  total(point: PhasePoint<X>, inverseMass: TensorTree): tf.Tensor1D;
}

/** @throws ValidationError for a step size or temperature that is not positive, or an energy that is no function. */
export function hamiltonian<X extends TensorTree>(
  { energy, stepSize = 0.1, mass = diagonalMass(), temperature = 1 }: HamiltonianOptions<X>,
  caller: string,
): Hamiltonian<X> {
  assertPositive({ stepSize, temperature });
  const evaluate = potential(energy, caller, temperature);
  return {
    mass,
    init: (position) => ({
      position,
      ...evaluate(position),
      stepSize: tf.scalar(stepSize),
      inverseMass: mass.init(position),
    }),
    moveTo: (state, position) => ({ ...state, position, ...evaluate(position) }),
    drift({ position, momentum }, step, inverseMass) {
      const moved = addScaled(position, step, mass.velocity(inverseMass, momentum));
      return { position: moved, momentum, ...evaluate(moved) };
    },
    kick: (point, step) => ({ ...point, momentum: addScaled(point.momentum, tf.neg(step), point.gradient) }),
    total({ energy: potentialEnergy, momentum }, inverseMass) {
      const kinetic = tf.mul(0.5, innerPerChain(momentum, mass.velocity(inverseMass, momentum)));
      return tf.add(potentialEnergy, kinetic);
    },
  };
}
