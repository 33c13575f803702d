/**
 * Preconditioned SGLD: steps scaled by a running root mean square of the gradient, as in RMSprop,
 * number by number.
 *
 *   V ← λV + (1 - λ) ĝ²,  G = 1/(δ + √V),  x' = x - (η/2) (G ĝ - T Γ) + √(η G T) ξ
 *
 * The term Γ = ∂G/∂x of the exact diffusion is left out by default, as in the paper's experiments:
 *   - Without Γ the law is right as far as G is constant. Let V average over more steps, 1/(1 - λ),
 *     than the chain takes to forget its position, or over gradients that are mostly noise.
 *   - Where G follows the position at once (λ = 0) the law without Γ is exp(-E/T)/G, and with Γ it
 *     is exp(-E/T).
 *   - Between the two, Γ is computed from the last gradient alone and removes a part of the bias.
 *
 * Li et al., "Preconditioned stochastic gradient Langevin dynamics for deep neural networks", arXiv
 * 1512.07666, algorithm 1.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertPositive, tree, type TensorTree } from "@ergodic/tensor";
import type { Kernel } from "../kernel.js";
import { scaledRows } from "../rows.js";
import { estimates, type SgldState, type StochasticGradientInfo, type StochasticGradientOptions } from "./sgld.js";

export interface PreconditionedSgldOptions<X extends TensorTree = tf.Tensor> extends StochasticGradientOptions<X> {
  /** λ, in [0, 1). Default 0.99. */
  readonly decay?: number;
  /** δ, positive: where gradients vanish G is at most 1/δ. Default 1e-5. */
  readonly damping?: number;
  /**
   * Whether the drift includes Γ_i = ∂G_i/∂x_i, at the cost of a second derivative. Default false.
   */
  readonly correction?: boolean;
}

/** `meanSquare` is V, like the position. It starts at 1, which gives steps like those of SGLD. */
export type PreconditionedSgldState<X extends TensorTree> = SgldState<X> & { readonly meanSquare: X };

/**
 * The pSGLD kernel of a stochastic energy.
 *
 * @throws ValidationError as `sgld`, and for a decay outside [0, 1) or a damping that is not
 *   positive.
 */
export function preconditionedSgld<X extends TensorTree = tf.Tensor>(
  options: PreconditionedSgldOptions<X>,
): Kernel<X, PreconditionedSgldState<X>, StochasticGradientInfo> {
  const { decay = 0.99, damping = 1e-5, correction = false } = options;
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
      const { gradient, learningRate, temperature, noise, curvature, info } = estimate(state, key);
      const meanSquare = tree.zip(
        (v, g) => tf.add(tf.mul(decay, v), tf.mul(1 - decay, tf.square(g))),
        state.meanSquare as TensorTree,
        gradient,
      ) as X;
      const scale = tree.map((v) => tf.div(1, tf.add(damping, tf.sqrt(v))), meanSquare as TensorTree);
      let drift = tree.zip((g, G) => tf.mul(g, G), gradient as TensorTree, scale);
      if (correction) {
        // Γ = -G² (1 - λ) ĝ h/√V with h = ∂ĝ/∂x, where ĝ/√V is 0 if both are.
        drift = tree.zip(
          (d, G, g, v, h) => {
            const slope = tf.mul(1 - decay, tf.mul(tf.div(g, tf.add(tf.sqrt(v), 1e-30)), h));
            return tf.add(d, scaledRows(temperature, tf.mul(tf.square(G), slope)));
          },
          drift,
          scale,
          gradient,
          meanSquare,
          curvature(),
        );
      }
      const position = tree.zip(
        (x, d, G, xi) => {
          const drifted = tf.sub(x, scaledRows(tf.div(learningRate, 2), d));
          return tf.add(drifted, tf.mul(tf.sqrt(scaledRows(temperature, scaledRows(learningRate, G))), xi));
        },
        state.position as TensorTree,
        drift,
        scale,
        noise,
      ) as X;
      return [{ position, meanSquare, step: tf.add(state.step, 1) }, info];
    },
  };
}
