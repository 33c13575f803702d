/** Learning of energies over the affine flow, from data with a known law. */
import * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import { adam, cosine, sgd } from "@ergodic/nn";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { neuralTransport, type TransportChainOptions } from "../src/index.js";
import { during, a, affineFlow, b } from "./support.js";

export type Batch = { readonly x: tf.Tensor };

/** The affine flow that starts with the A and b of the tests. */
export const fixedFlow = () => ({ ...affineFlow(a, b).backbone, init: () => affineFlow(a, b).params });

/**
 * Data N((2, 0.5), [[1, 0.2], [0.2, 0.6]]), in pairs around the mean, so every batch has it
 * exactly.
 */
export function data(key: Key, n: number): Batch {
  const noise = random.normal(key, [n / 2, 2]);
  // Cholesky factor of the covariance.
  const spread = tf.matMul(
    noise as tf.Tensor2D,
    tf.tensor2d([
      [1, 0.2],
      [0, Math.sqrt(0.56)],
    ]),
  );
  return { x: tf.concat([tf.add([2, 0.5], spread), tf.sub([2, 0.5], spread)], 0) };
}

export interface Learning<E extends TensorTree> {
  readonly energy: EnergyModel<E>;
  readonly learningRate: number;
  readonly updates: number;
  readonly contrastive: boolean;
  readonly chains?: Partial<TransportChainOptions>;
}

/**
 * The energy's parameters after the given number of updates with batches of 512, at a rate that
 * falls to 0.
 */
export async function learned<E extends TensorTree>({
  energy,
  learningRate,
  updates,
  contrastive,
  chains,
}: Learning<E>) {
  const learner = neuralTransport({
    flow: fixedFlow(),
    energy,
    optimizers: {
      flow: sgd({ learningRate: 0 }),
      energy: adam({ learningRate: cosine({ initial: learningRate, steps: updates }) }),
    },
    observe: (batch: Batch) => batch.x,
    chains: { count: 512, stepSize: 0.3, ...chains },
    penalty: 0,
  });
  let state = await learner.init(random.key(1), data(random.key(2), 512));
  for (let i = 0; i < updates; i += 1) {
    const batch = data(random.fold(random.key(3), i), 512);
    ({ state } = await learner.update(
      state,
      batch,
      during(contrastive ? "contrastive" : "likelihood", random.fold(random.key(4), i), i),
    ));
    tree.dispose(batch);
  }
  return state;
}
