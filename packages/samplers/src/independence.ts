/**
 * Independence Metropolis: proposals that do not depend on the position of the chain.
 *
 * x' ~ q is accepted with probability min(1, w(x')/w(x)), w = exp(-E/T)/q. Where q covers the
 * target, as a trained flow or a prior may, chains jump between modes that local moves never
 * connect. The mean acceptance measures how well q covers the target.
 *
 * Tierney (1994).
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertFunction, assertPositive, random, type Key, type TensorTree } from "@ergodic/tensor";
import { assertConstant, settingOf, valueAt, type ChainValue } from "./chain-settings.js";
import { assertEnergies, chainCount, type Energy } from "./chains.js";
import type { Kernel } from "./kernel.js";
import { metropolis, type Decision } from "./metropolis.js";
import { selectRows } from "./rows.js";

export interface IndependenceOptions<X extends TensorTree = tf.Tensor> {
  /** From a position to one energy per chain, `[chains]`. */
  readonly energy: Energy<X>;
  readonly proposal: {
    /** n independent draws, a position with n chains. All randomness comes from the key. */
    sample(key: Key, n: number): X;
    /** -log q(x) up to a constant, `[chains]`. */
    readonly energy: Energy<X>;
  };
  /** T, positive: the target is exp(-E/T). One for all chains, or one per chain. Default 1. */
  readonly temperature?: ChainValue;
}

/** `energy` is E/T + log q, minus the logarithm of the weight. */
export type IndependenceState<X extends TensorTree> = { readonly position: X; readonly energy: tf.Tensor1D };

/**
 * The independence kernel of an energy and a proposal.
 *
 * @throws ValidationError for a temperature that is not positive or a schedule, or arguments that
 *   are no functions; at the first step when an energy does not return `[chains]`, or the
 *   temperature is neither `[]` nor `[chains]`.
 */
export function independence<X extends TensorTree = tf.Tensor>(
  options: IndependenceOptions<X>,
): Kernel<X, IndependenceState<X>, Decision> {
  const { energy, proposal, temperature = 1 } = options;
  assertFunction({ energy, "proposal.sample": proposal.sample, "proposal.energy": proposal.energy });
  assertConstant("independence({ temperature })", temperature);
  const divisor = settingOf("temperature", temperature, assertPositive);
  const excess = (position: X): tf.Tensor1D => {
    const chains = chainCount(position);
    const [ofTarget, ofProposal] = [energy(position), proposal.energy(position)];
    assertEnergies(ofTarget, chains, "independence({ energy })");
    assertEnergies(ofProposal, chains, "independence({ proposal })");
    return tf.sub(tf.div(ofTarget, valueAt(divisor, tf.scalar(0), chains)), ofProposal);
  };
  const init = (position: X): IndependenceState<X> => ({ position, energy: excess(position) });
  return {
    init,
    moveTo: (_, position) => init(position),
    step(state, key) {
      const [proposalKey, decisionKey] = random.split(key) as [Key, Key];
      const position = proposal.sample(proposalKey, chainCount(state.position));
      const proposed = init(position);
      const decision = metropolis(tf.sub(proposed.energy, state.energy), decisionKey);
      return [selectRows<TensorTree>(decision.accepted, proposed, state) as IndependenceState<X>, decision];
    },
  };
}
