/** Targets. `peers/effective.py` contains the same energies. */
import * as tf from "@tensorflow/tfjs-core";
import { eightSchools } from "@ergodic/energies";
import { posterior, real } from "@ergodic/samplers/posterior";
import { posteriors } from "./posteriors.js";
import type { EffectiveTarget } from "./target.js";

const plain = (title: string, dimension: number, energy: () => (x: tf.Tensor) => tf.Tensor): EffectiveTarget => ({
  title,
  steps: 300,
  data: () => null,
  open() {
    const of = energy();
    return posterior({ parameters: { x: real([dimension]) }, energy: ({ x }) => of(x) });
  },
});

/** Independent normals with standard deviations 0.5 ... 2. */
function gaussian(dimension: number) {
  const scales = tf.linspace(0.5, 2, dimension);
  return (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(tf.div(x, scales)), [1]));
}

export const targets: { readonly [name: string]: EffectiveTarget } = {
  gaussian: plain("100 independent normals, standard deviations 0.5 to 2", 100, () => gaussian(100)),
  "eight-schools": plain("eight schools, non-centred, 10 numbers", 10, () => eightSchools().energy),
  ...posteriors,
};
