/** The geometric path between two densities: exp(-E_β) with E_β = (1 - β) E₀ + β E₁. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, type Compiled } from "@ergodic/engine";
import { assertFunction, type Key, type TensorTree } from "@ergodic/tensor";
import { assertEnergies, chainCount, type Energy } from "../chains.js";

/**
 * A density exp(-E)/Z, with its sampler and log Z where they are known.
 *
 * The targets of `@ergodic/energies` are such endpoints; so is a flow, with E = -log q and log Z =
 * 0.
 */
export interface Endpoint<X extends TensorTree = tf.Tensor> {
  /** From positions to one energy each, `[n]`: Infinity where the density is 0. */
  readonly energy: Energy<X>;
  /** n independent exact draws. All randomness comes from the key. */
  sample?(key: Key, n: number): X;
  /** log Z. Default 0: E is minus the log density. */
  readonly logPartition?: number;
}

/** E₀ and E₁, `[n]` both. */
export type Energies = { readonly from: tf.Tensor1D; readonly to: tf.Tensor1D };

/** Two energies over the same positions; without `from`, E₀ = 0 everywhere. */
export interface Path<X extends TensorTree> {
  at(position: X): Energies;
  /** E_β, β a scalar or one number per row. */
  between(beta: tf.Tensor): Energy<X>;
}

/**
 * The path between two energies, under the names of the caller's options.
 *
 * @throws ValidationError for energies that are no functions; when called, for an energy that does
 *   not return `[n]`.
 */
export function pathBetween<X extends TensorTree>(
  from: { readonly name: string; readonly energy: Energy<X> } | undefined,
  to: { readonly name: string; readonly energy: Energy<X> },
  caller: string,
): Path<X> {
  for (const { name, energy } of from === undefined ? [to] : [from, to]) assertFunction({ [name]: energy });
  const checked = ({ name, energy }: typeof to, position: X): tf.Tensor1D => {
    const chains = chainCount(position);
    const energies = energy(position);
    assertEnergies(energies, chains, `${caller}({ ${name} })`);
    return energies;
  };
  const at = (position: X): Energies => {
    const ofTarget = checked(to, position);
    return { from: from === undefined ? tf.zerosLike(ofTarget) : checked(from, position), to: ofTarget };
  };
  return {
    at,
    between: (beta) => (position) => {
      if (from === undefined) return tf.mul(beta, checked(to, position));
      const energies = at(position);
      return tf.add(tf.mul(tf.sub(1, beta), energies.from), tf.mul(beta, energies.to));
    },
  };
}

/**
 * The sampler of an end, compiled.
 *
 * @throws ValidationError, when called, for an end that has none.
 */
export const exactDraws = <X extends TensorTree>(end: Endpoint<X>, name: string, count: number): Compiled<[Key], X> =>
  compile((key: Key) => {
    assertFunction({ [`${name}.sample`]: end.sample }, "exact draws are needed to start from");
    return end.sample!(key, count);
  });
