/** Kernels with the classic mistakes, to see that tests notice them. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { HamiltonianOptions, HamiltonianState, Kernel } from "@ergodic/samplers";
import { hamiltonian } from "../src/hamiltonian.js";
import { trajectory } from "../src/hmc.js";
import { metropolis } from "../src/metropolis.js";
import { selectRows } from "../src/rows.js";

export const flaws = ["the sign of the log ratio", "the last half kick", "the accept step"] as const;
export type Flaw = (typeof flaws)[number] | "nothing";

/** HMC of three leapfrog steps that gets one thing wrong. */
export function flawedHmc<X extends TensorTree = tf.Tensor>(
  options: HamiltonianOptions<X>,
  flaw: Flaw,
): Kernel<X, HamiltonianState<X>> {
  const system = hamiltonian(options, "flawedHmc");
  return {
    init: (position) => system.init(position),
    step(state, key) {
      const [momentumKey, decisionKey] = random.split(key) as [Key, Key];
      const { inverseMass } = state;
      const start = { ...state, momentum: system.mass.momentum(inverseMass, momentumKey, state.position) };
      const right = trajectory(system, start, { stepSize: state.stepSize, inverseMass, longest: 3 });
      // The trajectory ends by taking back a half of its last kick.
      const end = flaw === "the last half kick" ? system.kick(right, tf.mul(0.5, state.stepSize)) : right;
      const change = tf.sub<tf.Tensor1D>(system.total(end, inverseMass), system.total(start, inverseMass));
      const decided = flaw === "the sign of the log ratio" ? tf.neg(change) : change;
      const decision = metropolis(flaw === "the accept step" ? tf.zerosLike(change) : decided, decisionKey);
      return [{ ...state, ...system.init(selectRows(decision.accepted, end.position, state.position)) }, decision];
    },
  };
}
