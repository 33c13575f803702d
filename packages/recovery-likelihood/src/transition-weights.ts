/**
 * Importance weights of one transition, and the proposals that they need, as pure functions.
 *
 * With F = -E, let g_{t+1}(x) = F(α_{t+1} x, t + 1), and g_T = log N(0, I). For x ~ exp(g_{t+1})
 * and y ~ r(y | x), any normalised proposal,
 *
 *   Z_t/Z^x_{t+1} = E exp(F(y, t) - g_{t+1}(x) + log N(x; y, σ² I) - log r(y | x)).
 *
 * The reciprocal weight, for y ~ exp(F(., t)) and x = y + σ ε, has the mean Z^x_{t+1}/Z_t.
 *
 * r = N(x + b ∇F(x, t), τ²), with b and τ of each entry fitted to draws of the model. The normal
 * approximation has b = τ² = σ², which is wide where noise is large. A marginal top level has no
 * transition, and r = N(m, τ²).
 */
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { along, type Levels } from "@ergodic/noising";
import * as tf from "@tensorflow/tfjs-core";
import type { LevelEnergies } from "./conditional.js";

const summed = (x: tf.Tensor): tf.Tensor => tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1);

/** log N(x; mean, sd²), `[n]`, for an sd that broadcasts along x. */
function logNormal(x: tf.Tensor, mean: tf.Tensor | number, sd: tf.Tensor | number): tf.Tensor {
  const squares = tf.mul(-0.5, tf.square(tf.div(tf.sub(x, mean), sd)));
  return summed(tf.sub(squares, tf.add(tf.log(sd), 0.5 * Math.log(2 * Math.PI))));
}

/** One transition of a batch. */
export interface Transition<P extends TensorTree> {
  readonly params: P;
  /** t, int32 `[n]`. */
  readonly transition: tf.Tensor1D;
  /** Whether t is T - 1. */
  readonly top: boolean;
}

/**
 * r: b and τ of a transition, or m and τ of a marginal top level, one number for each entry of an
 * example, `[1, ...]`.
 */
export type Proposal = { readonly centre: tf.Tensor; readonly sd: tf.Tensor };

export function transitionWeights<P extends TensorTree>(energies: LevelEnergies<P>, { count, transitions }: Levels) {
  const isMarginal = (top: boolean): boolean => top && transitions.tethered[count - 1] === 0;
  const spread = (residual: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.square(residual), 0, true));

  /** The mean of r. */
  const meanOf = ({ params, transition, top }: Transition<P>, x: tf.Tensor, { centre }: Proposal): tf.Tensor =>
    isMarginal(top) ? centre : tf.sub(x, tf.mul(centre, energies.slope(params, x, transition)));

  /** The log weight of y ~ r(y | x), `[n]`. */
  function logWeight(of: Transition<P>, x: tf.Tensor, y: tf.Tensor, proposal: Proposal): tf.Tensor {
    const { params, transition, top } = of;
    const proposed = logNormal(y, meanOf(of, x, proposal), proposal.sd);
    const weight = tf.sub(tf.neg(energies.energy(params, y, transition)), proposed);
    if (isMarginal(top)) return weight;
    const above = tf.add(transition, tf.scalar(1, "int32")) as tf.Tensor1D;
    const g = top
      ? logNormal(x, 0, 1)
      : tf.neg(energies.energy(params, tf.mul(along(transitions.scale, above, x), x), above));
    return tf.add(weight, tf.sub(logNormal(x, y, along(transitions.noise, transition, x)), g));
  }

  return {
    /** The proposal that fits draws y and x of the model, `[n, ...]`, by least squares. */
    proposal({ params, transition, top }: Transition<P>, y: tf.Tensor, x: tf.Tensor): Proposal {
      if (isMarginal(top)) {
        const centre = tf.mean(y, 0, true);
        return { centre, sd: spread(tf.sub(y, centre)) };
      }
      const moved = tf.sub(y, x);
      const slope = tf.neg(energies.slope(params, x, transition));
      const squares = tf.maximum(tf.sum(tf.square(slope), 0, true), 1e-20);
      const centre = tf.div(tf.sum(tf.mul(moved, slope), 0, true), squares);
      return { centre, sd: spread(tf.sub(moved, tf.mul(centre, slope))) };
    },

    /** y ~ r(y | x), and the log weights of Z_t/Z^x_{t+1}, `[n]`. */
    down(of: Transition<P>, x: tf.Tensor, proposal: Proposal, key: Key) {
      const y = tf.add(meanOf(of, x, proposal), tf.mul(proposal.sd, random.normal(key, x.shape)));
      return { y, logWeights: logWeight(of, x, y, proposal) };
    },

    /** x = y + σ ε, and the log weights of Z^x_{t+1}/Z_t, `[n]`. */
    up(of: Transition<P>, y: tf.Tensor, proposal: Proposal, key: Key) {
      const noise = along(transitions.noise, of.transition, y);
      const x = tf.add(y, tf.mul(noise, random.normal(key, y.shape)));
      return { x, logWeights: tf.neg(logWeight(of, x, y, proposal)) };
    },
  };
}
