/**
 * Preconditioned SGLD: steps scaled by a running root mean square of the gradient, as in RMSprop, number by number.
 *
 *   V ← λV + (1 - λ) ĝ²,  G = 1/(δ + √V),  x' = x - (η/2) G ĝ + √(η G T) ξ
 *
 * The term Γ = ∂G/∂x of the exact diffusion is left out, as in the paper's experiments. The law is right as far as G is constant, so let V
 * average over more steps, 1/(1 - λ), than the chain takes to forget its position, or over gradients that are mostly noise.
 *
 * Li et al., "Preconditioned stochastic gradient Langevin dynamics for deep neural networks", arXiv 1512.07666, algorithm 1.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertPositive, tree, type TensorTree } from "@ergodic/tensor";
import type { Kernel } from "../kernel.js";
import { estimates, type SgldState, type StochasticGradientInfo, type StochasticGradientOptions } from "./sgld.js";

export interface PreconditionedSgldOptions<X extends TensorTree = tf.Tensor> extends StochasticGradientOptions<X> {
  /** λ, in [0, 1). Default 0.99. */
  readonly decay?: number;
  /** δ, positive: where gradients vanish G is at most 1/δ. Default 1e-5. */
  readonly damping?: number;
}

/** `meanSquare` is V, like the position; it begins at 1, the steps of plain SGLD. */
export type PreconditionedSgldState<X extends TensorTree> = SgldState<X> & { readonly meanSquare: X };

/**
 * The pSGLD kernel of a stochastic energy.
 *
 * @throws ValidationError as `sgld`, and for a decay outside [0, 1) or a damping that is not positive.
 */
export function preconditionedSgld<X extends TensorTree = tf.Tensor>(
  options: PreconditionedSgldOptions<X>,
): Kernel<X, PreconditionedSgldState<X>, StochasticGradientInfo> {
  const { decay = 0.99, damping = 1e-5 } = options;
  assertInRange({ decay }, { min: 0, max: 1, maxOpen: true });
  assertPositive({ damping });
  const { estimate, evaluate } = estimates(options, "preconditionedSgld");
  return {
    init: (position) => ({
      position,
      meanSquare: tree.map((x) => tf.onesLike(x), position as TensorTree) as X,
      step: tf.scalar(0),
    }),
    moveTo: (state, position) => ({ ...state, position }),
    evaluate,
    step(state, key) {
      const { gradient, learningRate, temperature, noise, info } = estimate(state, key);
      const meanSquare = tree.zip(
        (v, g) => tf.add(tf.mul(decay, v), tf.mul(1 - decay, tf.square(g))),
        state.meanSquare as TensorTree,
        gradient,
      ) as X;
      const position = tree.zip(
        (x, g, v, xi) => {
          const rate = tf.div(learningRate, tf.add(damping, tf.sqrt(v)));
          const drifted = tf.sub(x, tf.mul(tf.div(rate, 2), g));
          return tf.add(drifted, tf.mul(tf.sqrt(tf.mul(rate, temperature)), xi));
        },
        state.position as TensorTree,
        gradient,
        meanSquare,
        noise,
      ) as X;
      return [{ position, meanSquare, step: tf.add(state.step, 1) }, info];
    },
  };
}
