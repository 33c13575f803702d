/** The loss by which an energy learns from data and revised examples. */
import type { EnergyModel } from "@ergodic/energies";
import { trainedGradient } from "@ergodic/nn";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface Contrasted {
  /** Examples of the data, `[n, ...]`. */
  readonly data: tf.Tensor;
  /** Ends of chains, `[m, ...]`: constants. */
  readonly revised: tf.Tensor;
}

/**
 * The gradient of mean E(data) - mean E(revised) + a (mean E(data)² + mean E(revised)²), and the
 * difference of the means.
 *
 * With f = -E, its first two terms are the loss mean f(x̃) - mean f(x) of cooperative learning. The
 * penalty a keeps f, of which only differences are learned, from drifting.
 */
export function energyGradient<E extends TensorTree>(
  model: EnergyModel<E>,
  params: E,
  { data, revised }: Contrasted,
  { penalty, key }: { readonly penalty: number; readonly key: Key },
) {
  const loss = (p: E): readonly [tf.Tensor, tf.Tensor] => {
    const positive = model.energy(p, data, { key: random.fold(key, 0) });
    const negative = model.energy(p, revised, { key: random.fold(key, 1) });
    const gap = tf.sub(tf.mean(positive), tf.mean(negative));
    if (penalty === 0) return [gap, gap];
    const squares = tf.add(tf.mean(tf.square(positive)), tf.mean(tf.square(negative)));
    return [tf.add(gap, tf.mul(penalty, squares)), gap];
  };
  const { grad, aux: gap } = trainedGradient(loss, { hasAux: true })(params);
  return { grad, gap };
}
