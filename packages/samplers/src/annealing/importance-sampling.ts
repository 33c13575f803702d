/**
 * Importance sampling from a backbone q that covers the target: Z = E_q[w], w = exp(-E)/q.
 *
 * The share ESS/N measures the worth of the draws. Pareto k-hat measures whether ESS/N is reliable.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { compile } from "@ergodic/engine";
import { paretoK } from "../diagnostics/importance.js";
import { summarizeWeights } from "./estimate.js";
import { logMeanExp } from "./log-weights.js";
import { differencesOf } from "./moves.js";
import { exactDraws, pathBetween, type Endpoint, type Energies } from "./path.js";

export interface ImportanceSamplingOptions<X extends TensorTree = tf.Tensor> {
  /** q: exact draws, energy and log Z. */
  readonly from: Endpoint<X>;
  readonly to: Endpoint<X>;
  /** N. All draws are evaluated at once. */
  readonly draws: number;
  readonly key: Key;
}

/** The caller frees the position, with `tree.dispose`. */
export interface ImportanceEstimate<X extends TensorTree> {
  /** log Ẑ of `to`. */
  readonly logPartition: number;
  readonly standardError: number;
  /** ESS/N. */
  readonly effectiveShare: number;
  /** Below 0.5 good, above 0.7 unreliable; see {@link paretoK}. */
  readonly paretoK: number;
  /** Draws of `from`. Weighted by `logWeights`, they are draws of `to`. */
  readonly position: X;
  readonly logWeights: Float64Array;
  /** Reasons to doubt the estimate, in words; empty if there are none. */
  readonly advice: readonly string[];
}

/**
 * Estimates log Z of `to` by weighing draws of `from`.
 *
 * @throws ValidationError for a reference without a sampler, energies that are not `[n]` or not
 *   numbers, and ends that do not overlap.
 */
export async function importanceSampling<X extends TensorTree = tf.Tensor>({
  from,
  to,
  draws,
  key,
}: ImportanceSamplingOptions<X>): Promise<ImportanceEstimate<X>> {
  assertPositiveInteger({ draws });
  const caller = "importanceSampling";
  const path = pathBetween({ name: "from", energy: from.energy }, { name: "to", energy: to.energy }, caller);
  const energies = compile((position: X) => path.at(position));
  const sampler = exactDraws(from, "from", draws);
  let position: X | undefined;
  let both: Energies | undefined;
  try {
    position = await sampler(key);
    both = await energies(position);
    const logWeights = differencesOf(both, 1).map((difference) => -difference);
    const { standardError, effectiveSize, advice } = summarizeWeights(logWeights);
    const shape = paretoK(logWeights);
    const unreliable = `Pareto k-hat is ${shape.toPrecision(2)} (at most 0.7 wanted): a few draws carry the estimate; take a reference that covers the target, or anneal`;
    return {
      logPartition: (from.logPartition ?? 0) + logMeanExp(logWeights),
      standardError,
      effectiveShare: effectiveSize / draws,
      paretoK: shape,
      position,
      logWeights,
      advice: shape > 0.7 ? [...advice, unreliable] : advice,
    };
  } catch (error) {
    tree.dispose(position);
    throw error;
  } finally {
    tree.dispose(both);
    await Promise.all([sampler.dispose(), energies.dispose()]);
  }
}
