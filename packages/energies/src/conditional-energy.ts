/** Energies with a condition, such as a noise level, a symbol or a context. */
import * as tf from "@tensorflow/tfjs-core";
import type { Conditioned, Layer, Learning } from "@ergodic/nn";
import { fail, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { EnergyModel } from "./energy-model.js";
import { networkEnergy } from "./network-energy.js";

/** E(x; c, params), low where x is likely given c: p(x | c) ∝ exp(-E(x; c)). */
export interface ConditionalEnergy<
  P extends TensorTree = TensorTree,
  X extends TensorTree = tf.Tensor,
  C extends TensorTree = tf.Tensor,
> {
  /** Fresh parameters; the same key gives the same numbers on every engine. */
  init(key: Key): P;
  /**
   * One energy per example, `[batch]`. Every tensor of the condition has the examples on its first
   * axis too.
   *
   * Learners pass `learning` in a loss. Chains, samples and scores leave it out.
   */
  energy(params: P, x: X, condition: C, learning?: Learning): tf.Tensor1D;
  /** The parameters with moved `$fixed` members, as {@link EnergyModel} has it. */
  refresh?(params: P, x: X, condition: C): P;
}

/** An energy whose condition is given. */
export interface GivenEnergy<P extends TensorTree, X extends TensorTree> extends EnergyModel<P, X> {
  /**
   * The energies of rows that belong to some of the examples: row i to example `rows[i]`, int32
   * `[rows]`.
   *
   * Kernels that move other rows than the chains in their order (`nuts`, `parallelTempering`) name
   * the chain of each row.
   */
  energyOfRows(params: P, x: X, rows: tf.Tensor1D): tf.Tensor1D;
}

const isShared = (condition: tf.Tensor): boolean => condition.rank === 0 || condition.shape[0] === 1;

/** A shared tensor, `[]` or `[1, ...]`, once for each example. */
function repeated(condition: tf.Tensor, batch: number): tf.Tensor {
  const [, ...shape] = condition.rank === 0 ? [1] : condition.shape;
  const single = condition.rank === 0 ? tf.reshape(condition, [1]) : condition;
  return tf.tile(single, [batch, ...shape.map(() => 1)]);
}

/** The condition of `batch` examples; of those that `rows` names where it is given. */
function conditionOf(condition: tf.Tensor, batch: number, rows?: tf.Tensor1D): tf.Tensor {
  if (isShared(condition)) return repeated(condition, batch);
  if (rows !== undefined) return tf.gather(condition, rows);
  if (condition.shape[0] === batch) return condition;
  return fail(
    `a condition of shape [${condition.shape.join(",")}] was given to ${batch} examples`,
    `one for each example, [${batch},...], or one for all, [1,...]`,
    "for rows that are some of the examples use energyOfRows",
  );
}

/**
 * The energy E(x; c) at a fixed condition c, as an ordinary energy of x.
 *
 * Each tensor of the condition holds one condition per example, `[batch, ...]`, or one for all
 * examples, `[1, ...]` or `[]`. A number is a float32 scalar.
 *
 * @throws ValidationError when called with another number of examples than the condition has.
 */
export function given<P extends TensorTree, X extends TensorTree, C extends TensorTree>(
  model: ConditionalEnergy<P, X, C>,
  condition: C | number,
): GivenEnergy<P, X> {
  const at = (x: X, rows?: tf.Tensor1D): C => {
    const batch = tree.leaves(x as TensorTree)[0]!.shape[0]!;
    const whole: TensorTree = typeof condition === "number" ? tf.scalar(condition) : condition;
    return tree.map((leaf) => conditionOf(leaf, batch, rows), whole) as C;
  };
  return {
    init: (key) => model.init(key),
    energy: (params, x, learning) => model.energy(params, x, at(x), learning),
    energyOfRows: (params, x, rows) => model.energy(params, x, at(x, rows)),
    ...(model.refresh && { refresh: (params: P, x: X) => model.refresh!(params, x, at(x)) }),
  };
}

/**
 * E(x; c) = network({ image: x, condition: c }), for a network whose output is `[batch, 1]`.
 * Energies are `[batch]`.
 *
 * @throws ValidationError when the network's output has another shape; whatever its layers throw.
 */
export function conditionalNetworkEnergy<P extends TensorTree>(network: Layer<P, Conditioned>): ConditionalEnergy<P> {
  const { init, energy, refresh } = networkEnergy<P, Conditioned>(network);
  return {
    init,
    energy: (params, image, condition, learning) => energy(params, { image, condition }, learning),
    ...(refresh && {
      refresh: (params: P, image: tf.Tensor, condition: tf.Tensor) => refresh(params, { image, condition }),
    }),
  };
}
