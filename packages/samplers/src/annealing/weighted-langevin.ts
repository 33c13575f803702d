/**
 * Unadjusted Langevin steps for annealing: every proposal is taken, and the weight corrects for it.
 *
 * A step x → x' of the discretised dynamics, with density q(x' | x), does not leave f = exp(-E)
 * invariant. With r the density of the step back, it adds log r(x | x') - log q(x' | x) + log f(x')
 * - log f(x) to a log weight. That is the logarithm of the Metropolis-Hastings ratio, -ΔH of one
 * leapfrog step.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorTree } from "@ergodic/tensor";
import { assertConstant, type ChainValue } from "../chain-settings.js";
import { hamiltonian, type HamiltonianState } from "../hamiltonian.js";
import { trajectory } from "../hmc.js";
import { chainCount, type Energy } from "../chains.js";
import type { Kernel } from "../kernel.js";
import { identityMass } from "../mass.js";
import { steadyPace } from "../pace.js";
import { selectRows } from "../rows.js";

export interface WeightedLangevinOptions<X extends TensorTree = tf.Tensor> {
  readonly energy: Energy<X>;
  /**
   * ε, positive: the drift is ε²/2 times the negative gradient, the noise ε. One for all chains, or
   * one per chain.
   */
  readonly stepSize: ChainValue;
}

export type WeightedLangevinInfo = {
  /**
   * Added to the log weight by the step, `[chains]`: -Infinity where ΔH is not finite, and the
   * chain does not move.
   */
  readonly logWeight: tf.Tensor1D;
};

/**
 * The weighted Langevin kernel of an energy.
 *
 * @throws ValidationError for a step size that is not positive; at the start when the energy does
 *   not return `[chains]`, or the step size is neither `[]` nor `[chains]`.
 */
export function weightedLangevin<X extends TensorTree = tf.Tensor>({
  energy,
  stepSize,
}: WeightedLangevinOptions<X>): Kernel<X, HamiltonianState<X>, WeightedLangevinInfo> {
  assertConstant("weightedLangevin({ stepSize })", stepSize);
  const mass = identityMass();
  const system = hamiltonian({ energy, mass }, "weightedLangevin");
  const pace = steadyPace<X>({ stepSize }, mass);
  return {
    init: (position) => pace.start({ position, ...system.evaluate(position) }),
    moveTo: (state, position) => ({ ...state, position, ...system.evaluate(position) }),
    step(state, key) {
      const { position, energy: before, gradient } = state;
      const motion = pace.motionAt(state, chainCount(position));
      const momentum = mass.momentum(motion.inverseMass, key, position);
      const start = { position, energy: before, gradient, momentum };
      const end = trajectory(system, start, motion, { longest: 1 });
      const gain = system.change(end, start, motion);
      const finite = tf.isFinite(gain);
      const [moved, energies, gradients] = selectRows<TensorTree>(
        finite,
        [end.position, end.energy, end.gradient],
        [position, before, gradient],
      ) as [X, tf.Tensor1D, X];
      return [
        pace.next(state, { position: moved, energy: energies, gradient: gradients }),
        { logWeight: tf.where(finite, gain, tf.fill<tf.Rank.R1>(gain.shape, -Infinity)) },
      ];
    },
  };
}
