/**
 * Energies that are known by estimates only, such as sums over a data set from minibatches.
 *
 * The estimate receives a key, the randomness of its step. The gradient of the estimate is the
 * estimated gradient. A batch that comes from elsewhere needs no key: capture it inside a compiled
 * function and make one step.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  assertFunction,
  assertPositiveInteger,
  assertShape,
  random,
  tree,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import { potential, type Evaluated } from "../potential.js";

/**
 * An estimate of the energies of a position, `[chains]`, unbiased over keys. All its randomness
 * comes from the key.
 */
export type StochasticEnergy<X extends TensorTree = tf.Tensor> = (position: X, key: Key) => tf.Tensor;

/** The estimated energies and their gradient, as `potential` gives exact ones. */
export function estimator<X extends TensorTree>(
  energy: StochasticEnergy<X>,
  caller: string,
): (position: X, key: Key) => Evaluated<X> {
  assertFunction({ energy });
  return (position, key) => potential((x: X) => energy(x, key), caller)(position);
}

export interface MinibatchEnergyOptions<X extends TensorTree, D extends TensorTree> {
  /** The data set: tensors with the examples on the first axis. */
  readonly data: D;
  readonly batchSize: number;
  /** Energy of each example of a batch, -log p(y | x), `[chains, batch]`. */
  readonly perExample: (position: X, batch: D) => tf.Tensor;
  /** Energy of the prior, -log p(x), `[chains]`. Default: none. */
  readonly prior?: (position: X) => tf.Tensor;
}

/**
 * prior(x) + (N/B) Σ over a batch of B of N examples: an unbiased estimate of the energy of a
 * posterior.
 *
 * The batch is drawn with replacement and is the same for all chains. Each chain alone is right,
 * but chains that share batches are not independent.
 *
 * @throws ValidationError for a batch size that is no positive integer, or data whose tensors
 *   differ in their first axis; when called, for energies that are not `[chains, batch]`.
 */
export function minibatchEnergy<X extends TensorTree = tf.Tensor, D extends TensorTree = tf.Tensor>(
  options: MinibatchEnergyOptions<X, D>,
): StochasticEnergy<X> {
  const { data, batchSize, perExample, prior } = options;
  assertFunction({ perExample });
  assertPositiveInteger({ batchSize });
  const examples = chainCount(data);
  return (position, key) => {
    const chosen = random.integers(key, [batchSize], { high: examples });
    const batch = tree.map((leaf) => tf.gather(leaf, chosen), data as TensorTree) as D;
    const energies = perExample(position, batch);
    assertShape(
      "minibatchEnergy({ perExample })",
      energies,
      [chainCount(position), batchSize],
      "one number per chain and example",
    );
    const likelihood = tf.mul(examples / batchSize, tf.sum(energies, [1]));
    return prior === undefined ? likelihood : tf.add(prior(position), likelihood);
  };
}
