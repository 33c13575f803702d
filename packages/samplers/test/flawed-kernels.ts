/** Kernels with classic mistakes, to check that tests detect them. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { HamiltonianOptions, HamiltonianState, Kernel } from "@ergodic/samplers";
import { hamiltonian } from "../src/hamiltonian.js";
import { trajectory } from "../src/hmc.js";
import { diagonalMass } from "../src/mass.js";
import { metropolis } from "../src/metropolis.js";
import { steadyPace } from "../src/pace.js";
import { selectRows } from "../src/rows.js";

export const flaws = ["the sign of the log ratio", "the last half kick", "the accept step"] as const;
export type Flaw = (typeof flaws)[number] | "nothing";

/** HMC of three leapfrog steps with one mistake. */
export function flawedHmc<X extends TensorTree = tf.Tensor>(
  options: HamiltonianOptions<X>,
  flaw: Flaw,
): Kernel<X, HamiltonianState<X>> {
  const { mass = diagonalMass() } = options;
  const system = hamiltonian({ ...options, mass }, "flawedHmc");
  const pace = steadyPace<X>(options, mass);
  const init = (position: X): HamiltonianState<X> => pace.start({ position, ...system.evaluate(position) });
  return {
    init,
    step(state, key) {
      const [momentumKey, decisionKey] = random.split(key) as [Key, Key];
      const start = { ...state, momentum: mass.momentum(state.inverseMass, momentumKey, state.position) };
      const right = trajectory(system, start, state, { longest: 3 });
      // The trajectory ends by taking back half of its last kick.
      const end = flaw === "the last half kick" ? system.kick(right, state, 0.5) : right;
      const change = tf.sub<tf.Tensor1D>(system.total(end, state), system.total(start, state));
      const decided = flaw === "the sign of the log ratio" ? tf.neg(change) : change;
      const decision = metropolis(flaw === "the accept step" ? tf.zerosLike(change) : decided, decisionKey);
      return [{ ...state, ...init(selectRows(decision.accepted, end.position, state.position)) }, decision];
    },
  };
}
