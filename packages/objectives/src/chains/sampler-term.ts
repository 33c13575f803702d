/** The term that contrastive divergence leaves out: how the negatives change with the energy. */
import { detached } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import type { Energy } from "@ergodic/samplers";
import type { KernelOf } from "@ergodic/samplers/annealing";
import { assertNonNegative, fail, tree, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface SamplerTerm {
  /** w, the weight of the energy where the chains end. Default 1. */
  readonly energy?: number;
  /** h, the weight of their entropy. Default 0.3. */
  readonly entropy?: number;
}

const weightsOf = ({ energy = 1, entropy = 0.3 }: SamplerTerm) => ({ energy, entropy });

/** @throws ValidationError for a negative weight. */
export function assertSamplerTerm(term: SamplerTerm): void {
  const { energy, entropy } = weightsOf(term);
  assertNonNegative({ "samplerTerm.energy": energy, "samplerTerm.entropy": entropy });
}

/** The least squared distance whose logarithm is taken. Clamped chains can meet. */
const LEAST = 1e-12;

/**
 * mean_i log min_{j ≠ i} ‖x_i - x_j‖ of points x `[n, ...]`, n ≥ 2.
 *
 * Times the number of entries of a point it estimates the entropy of their law, up to a constant:
 * Kozachenko and Leonenko, "Sample estimate of the entropy of a random vector" (1987). Its gradient
 * moves each point away from its nearest neighbour.
 *
 * @throws ValidationError for fewer than two points.
 */
export function nearestNeighbourSpread(x: tf.Tensor): tf.Tensor {
  const n = x.shape[0]!;
  if (n < 2) fail(`there is ${n} chain`, "at least 2, for distances between them", "use a larger batch");
  const rows = tf.reshape(x, [n, -1]);
  const nearest = detached(rows, (points) => {
    const squares = tf.sum(tf.square(points), 1, true);
    const products = tf.matMul(points, points, false, true);
    const distances = tf.sub(tf.add(squares, tf.transpose(squares)), tf.mul(2, products));
    return tf.argMin(tf.where(tf.cast(tf.eye(n), "bool"), tf.fill([n, n], Infinity), distances), 1);
  });
  // The difference itself loses no digits, unlike the distances above, which only choose.
  const distance = tf.sum(tf.square(tf.sub(rows, tf.gather(rows, tf.cast(nearest, "int32")))), 1);
  return tf.mul(0.5, tf.mean(tf.log(tf.maximum(distance, LEAST))));
}

/**
 * w mean E(x') - h mean_i log min_{j ≠ i} ‖x'_i - x'_j‖, with x' one step of the kernel after the
 * negatives.
 *
 * The gradient passes through that step and not through the E of the formula. At h = d it is that
 * of KL(q ‖ p) in the law q of the chains, for x of d entries, truncated to their last step. Du,
 * Li, Tenenbaum, Mordatch, "Improved Contrastive Divergence Training of Energy-Based Models", arXiv
 * 2012.01316.
 */
export function samplerTermLoss<P extends TensorTree>(
  model: EnergyModel<P>,
  {
    kernel,
    negatives,
    key,
  }: { readonly kernel: KernelOf<tf.Tensor>; readonly negatives: tf.Tensor; readonly key: Key },
  term: SamplerTerm,
): (params: P) => tf.Tensor {
  const { energy, entropy } = weightsOf(term);
  return (params) => {
    const learned: Energy = (at) => model.energy(params, at) as tf.Tensor1D;
    const moves = kernel(learned);
    const [{ position }] = moves.step(moves.init(negatives), key);
    const fixed = tree.map((leaf) => detached(leaf), params as TensorTree) as P;
    const low = tf.mean(model.energy(fixed, position));
    const spread = entropy === 0 ? 0 : nearestNeighbourSpread(position);
    return tf.sub(tf.mul(energy, low), tf.mul(entropy, spread));
  };
}
