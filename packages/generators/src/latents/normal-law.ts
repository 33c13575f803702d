/** The diagonal normal law whose mean and standard deviation a network gives. */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape, fail } from "@ergodic/tensor";

/** N(mean, diag sd²), both `[batch, d]`. */
export interface NormalLaw {
  readonly mean: tf.Tensor;
  readonly sd: tf.Tensor;
}

/** The least standard deviation by default, as in the code of arXiv 2306.06323. */
export const defaultFloor = 0.01;

/**
 * The law of a network's output `[batch, 2d]`: the mean is its first half m, and sd = exp(s) +
 * floor with its second half s.
 *
 * @param what names the network in messages.
 * @throws ValidationError when the output is not `[batch, 2d]`.
 */
export function normalLaw(output: tf.Tensor, d: number, floor: number, what: string): NormalLaw {
  assertShape(`the output of ${what}`, output, [null, 2 * d], `mean and log sd of ${d} numbers each`);
  const [mean, logSd] = tf.split(output, 2, 1) as [tf.Tensor, tf.Tensor];
  return { mean, sd: tf.add(tf.exp(logSd), floor) };
}

/** mean + sd ε, a draw for ε ~ N(0, I). */
export const fromNoise = ({ mean, sd }: NormalLaw, noise: tf.Tensor): tf.Tensor => tf.add(mean, tf.mul(sd, noise));

/** (z - mean)/sd, the noise that gives z. */
export const toNoise = ({ mean, sd }: NormalLaw, z: tf.Tensor): tf.Tensor => tf.div(tf.sub(z, mean), sd);

/** ½|(z - mean)/sd|² + Σ log sd, `[batch]`: the negative log-density without (d/2) log 2π. */
export const normalEnergy = (law: NormalLaw, z: tf.Tensor): tf.Tensor1D =>
  tf.sum(tf.add(tf.mul(0.5, tf.square(toNoise(law, z))), tf.log(law.sd)), 1);

/** @throws ValidationError when there is not one network for each of `count` laws. */
export function assertNetworks(name: string, networks: readonly unknown[], count: number, of: string): void {
  if (networks.length !== count) fail(`${name} has ${networks.length} networks`, `${count}, ${of}`);
}
