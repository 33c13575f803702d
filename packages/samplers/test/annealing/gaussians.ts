/** Endpoints of annealing with known properties: N(0, I) and N(mean, sd²I), unnormalised. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { hmc, type Energy } from "@ergodic/samplers";
import type { Endpoint, KernelOf } from "@ergodic/samplers/annealing";

/** E = ½ Σ ((x - mean)/sd)², log Z = d log sd + (d/2) log 2π. */
export function isotropic(dimension: number, sd: number, mean = 0): Required<Endpoint> & { logPartition: number } {
  return {
    energy: (x) => tf.mul(0.5 / sd ** 2, tf.sum(tf.square(tf.sub(x, mean)), [1])),
    sample: (key, n) => random.normal(key, [n, dimension], { mean, sd }),
    logPartition: dimension * Math.log(sd) + (dimension / 2) * Math.log(2 * Math.PI),
  };
}

export const leapfrogs: KernelOf<tf.Tensor> = (energy: Energy) => hmc({ energy, stepSize: 0.35, steps: 3 });
