/** Target energies. `peers/effective.py` contains the same formulas. */
import * as tf from "@tensorflow/tfjs-core";
import { eightSchools } from "@ergodic/energies";
import type { Energy } from "@ergodic/samplers";

export interface EffectiveTarget {
  readonly title: string;
  readonly dimension: number;
  /** Makes the energy. The process has chosen its engine before. */
  energy(): Energy;
}

/** Independent normals with standard deviations 0.5 ... 2. */
function gaussian(dimension: number): Energy {
  const scales = tf.linspace(0.5, 2, dimension);
  return (x) => tf.mul(0.5, tf.sum(tf.square(tf.div(x, scales)), [1]));
}

export const targets: { readonly [name: string]: EffectiveTarget } = {
  gaussian: {
    title: "100 independent normals, standard deviations 0.5 to 2",
    dimension: 100,
    energy: () => gaussian(100),
  },
  "eight-schools": {
    title: "eight schools, non-centred, 10 numbers",
    dimension: 10,
    energy: () => eightSchools().energy,
  },
};
