/**
 * Control variates for estimated energies: the error of an estimate at a fixed point x* is
 * subtracted everywhere.
 *
 *   Ê'(x) = Ê(x) + ⟨∇E(x*) - ∇Ê(x*), x - x*⟩,  so that  ∇Ê'(x) = ∇Ê(x) - ∇Ê(x*) + ∇E(x*),
 *
 * with Ê the same estimate, of the same batch, in all places. Both are unbiased if Ê is. Near x*
 * the noise of the gradient is of the order of |x - x*|. There is no noise where the gradients of
 * examples differ by constants, as for the mean of a normal.
 *
 * Baker, Fearnhead, Fox and Nemeth, "Control variates for stochastic gradient MCMC", arXiv
 * 1706.05439, section 3.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape, tree, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import { innerPerChain } from "../rows.js";
import { estimator, type StochasticEnergy } from "./stochastic-energy.js";

export interface ControlVariateOptions<X extends TensorTree = tf.Tensor> {
  /** Ê. */
  readonly energy: StochasticEnergy<X>;
  /** x*, best near the mode: a position of one chain, `[1, ...]`. */
  readonly centre: X;
  /** ∇E(x*) by all of the data, like the centre. */
  readonly gradient: X;
}

/**
 * The estimate with reduced noise, for any stochastic gradient kernel. It costs two gradients in
 * place of one.
 *
 * @throws ValidationError for an energy that is no function, or a centre or gradient that is not of
 *   one chain and of one shape.
 */
export function controlVariateEnergy<X extends TensorTree = tf.Tensor>({
  energy,
  centre,
  gradient,
}: ControlVariateOptions<X>): StochasticEnergy<X> {
  const estimateAt = estimator(energy, "controlVariateEnergy");
  tree.zip(
    (x, g) => {
      assertShape("centre", x, [1, ...x.shape.slice(1)], "a position of one chain");
      assertShape("gradient", g, x.shape, "that of the energy at the centre");
      return x;
    },
    centre as TensorTree,
    gradient,
  );
  return (position, key) => {
    const chains = chainCount(position);
    const everywhere = tree.map(
      (x) => tf.tile(x, [chains, ...x.shape.slice(1).map(() => 1)]),
      centre as TensorTree,
    ) as X;
    const slope = tree.zip(
      (g, estimated) => tf.sub(g, estimated),
      gradient as TensorTree,
      estimateAt(everywhere, key).gradient,
    );
    const shift = tree.zip((x, x0) => tf.sub(x, x0), position as TensorTree, centre);
    return tf.add(energy(position, key), innerPerChain(slope, shift));
  };
}
