/**
 * Stochastic gradient Hamiltonian Monte Carlo: a velocity with friction, which averages over the
 * noise of gradients.
 *
 *   v' = (1 - c) v - η ĝ + √(2 (c - b̂) η T) ξ,  x' = x + v'
 *
 * c is the friction. b̂ = η Var ĝ/2 is the noise that the estimate already adds; it is subtracted
 * from the injected noise.
 *
 * Chen, Fox and Guestrin, "Stochastic gradient Hamiltonian Monte Carlo", arXiv 1402.4102, equation
 * 15.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, tree, type TensorTree } from "@ergodic/tensor";
import type { Kernel } from "../kernel.js";
import { scaledRows } from "../rows.js";
import { estimates, type SgldState, type StochasticGradientInfo, type StochasticGradientOptions } from "./sgld.js";

export interface SghmcOptions<X extends TensorTree = tf.Tensor> extends StochasticGradientOptions<X> {
  /** c, in (0, 1]. Default 0.1. */
  readonly friction?: number;
  /** b̂, in [0, c]. Default 0. */
  readonly gradientNoise?: number;
}

/** `velocity` is v, like the position; it starts at 0. */
export type SghmcState<X extends TensorTree> = SgldState<X> & { readonly velocity: X };

/**
 * The SGHMC kernel of a stochastic energy.
 *
 * @throws ValidationError as `sgld`, and for a friction outside (0, 1] or a gradient noise outside
 *   [0, friction].
 */
export function sghmc<X extends TensorTree = tf.Tensor>(
  options: SghmcOptions<X>,
): Kernel<X, SghmcState<X>, StochasticGradientInfo> {
  const { friction = 0.1, gradientNoise = 0 } = options;
  assertInRange({ friction }, { min: 0, max: 1, minOpen: true });
  assertInRange({ gradientNoise }, { min: 0, max: friction });
  const { estimate, evaluate } = estimates(options, "sghmc");
  return {
    init: (position) => ({
      position,
      velocity: tree.map((x) => tf.zerosLike(x), position as TensorTree) as X,
      step: tf.scalar(0),
    }),
    moveTo: (state, position) => ({ ...state, position }),
    evaluate,
    step(state, key) {
      const { gradient, learningRate, temperature, noise, info } = estimate(state, key);
      const spread = tf.sqrt(tf.mul(tf.mul(2 * (friction - gradientNoise), learningRate), temperature));
      const velocity = tree.zip(
        (v, g, xi) => tf.add(tf.sub(tf.mul(1 - friction, v), scaledRows(learningRate, g)), scaledRows(spread, xi)),
        state.velocity as TensorTree,
        gradient,
        noise,
      ) as X;
      const position = tree.zip((x, v) => tf.add(x, v), state.position as TensorTree, velocity) as X;
      return [{ position, velocity, step: tf.add(state.step, 1) }, info];
    },
  };
}
