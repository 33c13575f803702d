/** A classifier as an energy of what it classifies. */
import type { ConditionalEnergy, EnergyModel } from "@ergodic/energies";
import type { Layer, Learning } from "@ergodic/nn";
import { assertPositiveInteger, fail, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * p(x, y) ∝ exp(f_y(x)) of logits f, so that E(x) = -log Σ_y exp(f_y(x)) and p(y | x) =
 * softmax(f(x)).
 */
export interface ClassifierEnergy<P extends TensorTree> extends EnergyModel<P> {
  readonly classes: number;
  /** f(x), `[batch, classes]`. */
  logits(params: P, x: tf.Tensor, learning?: Learning): tf.Tensor2D;
}

/**
 * The energy of a network whose output are logits, `[batch, classes]`.
 *
 * Grathwohl et al., "Your Classifier is Secretly an Energy Based Model and You Should Treat it Like
 * One", arXiv 1912.03263, equations 5 to 7.
 *
 * @throws ValidationError unless `classes` is a positive integer; when the network's output has
 *   another shape.
 */
export function classifierEnergy<P extends TensorTree>(
  network: Layer<P>,
  { classes }: { readonly classes: number },
): ClassifierEnergy<P> {
  assertPositiveInteger({ classes });
  const logits = (params: P, x: tf.Tensor, learning?: Learning): tf.Tensor2D => {
    const out = network.apply(params, x, learning);
    if (out.rank !== 2 || out.shape[1] !== classes)
      fail(`the network returned shape [${out.shape.join(",")}]`, `[batch, ${classes}], one logit for each class`);
    return out as tf.Tensor2D;
  };
  return {
    classes,
    init: (key) => network.init(key),
    logits,
    energy: (params, x, learning) => tf.neg(tf.logSumExp(logits(params, x, learning), 1)) as tf.Tensor1D,
    ...(network.refresh && { refresh: (params: P, x: tf.Tensor) => network.refresh!(params, x) }),
  };
}

/** E(x; y) = -f_y(x): the energy of examples of class y, int32 `[batch]`. */
export const ofClass = <P extends TensorTree>({
  init,
  logits,
  classes,
}: ClassifierEnergy<P>): ConditionalEnergy<P> => ({
  init,
  energy(params, x, label, learning) {
    const chosen = tf.oneHot(tf.cast(label, "int32") as tf.Tensor1D, classes);
    return tf.neg(tf.sum(tf.mul(chosen, logits(params, x, learning)), 1)) as tf.Tensor1D;
  },
});
