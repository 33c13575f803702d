/**
 * Unadjusted Langevin steps for annealing: every proposal is taken, and the weight makes up for it.
 *
 * A step x → x' of the discretised dynamics, with density q(x' | x), does not leave f = exp(-E) as it is. With r the density of the step back it
 * adds log r(x | x') - log q(x' | x) + log f(x') - log f(x) to a log weight, the logarithm of the Metropolis-Hastings ratio: -ΔH of one leapfrog step.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorTree } from "@ergodic/tensor";
import { hamiltonian, type HamiltonianState } from "../hamiltonian.js";
import { trajectory } from "../hmc.js";
import type { Energy } from "../chains.js";
import type { Kernel } from "../kernel.js";
import { identityMass } from "../mass.js";
import { selectRows } from "../rows.js";

export interface WeightedLangevinOptions<X extends TensorTree = tf.Tensor> {
  readonly energy: Energy<X>;
  /** ε, positive: the drift is ε²/2 times the negative gradient, the noise ε. */
  readonly stepSize: number;
}

export type WeightedLangevinInfo = {
  /** What the step adds to the log weight, `[chains]`: -Infinity where it left what arithmetic can follow, and the chain stays. */
  readonly logWeight: tf.Tensor1D;
};

/** @throws ValidationError for a step size that is not positive; at the first step when the energy does not return `[chains]`. */
export function weightedLangevin<X extends TensorTree = tf.Tensor>({
  energy,
  stepSize: initialStepSize,
}: WeightedLangevinOptions<X>): Kernel<X, HamiltonianState<X>, WeightedLangevinInfo> {
  const system = hamiltonian({ energy, stepSize: initialStepSize, mass: identityMass() }, "weightedLangevin");
  return {
    init: (position) => system.init(position),
    moveTo: (state, position) => system.moveTo(state, position),
    step(state, key) {
      const { position, energy: before, gradient, stepSize, inverseMass } = state;
      const start = { position, energy: before, gradient, momentum: system.mass.momentum(inverseMass, key, position) };
      const end = trajectory(system, start, { stepSize, inverseMass, longest: 1 });
      const gain: tf.Tensor1D = tf.sub(system.total(start, inverseMass), system.total(end, inverseMass));
      const finite = tf.isFinite(gain);
      const [moved, energies, gradients] = selectRows<TensorTree>(
        finite,
        [end.position, end.energy, end.gradient],
        [position, before, gradient],
      ) as [X, tf.Tensor1D, X];
      return [
        { position: moved, energy: energies, gradient: gradients, stepSize, inverseMass },
        { logWeight: tf.where(finite, gain, tf.fill<tf.Rank.R1>(gain.shape, -Infinity)) },
      ];
    },
  };
}
