/** One row per kernel, for the tests of their common properties. A new kernel needs a new row. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import {
  cycle,
  denseMass,
  hmc,
  identityMass,
  independence,
  langevin,
  mala,
  mixture,
  nuts,
  type Energy,
  type HostKernel,
  type Kernel,
} from "@ergodic/samplers";
import { weightedLangevin } from "@ergodic/samplers/annealing";
import { cyclicalSgld, preconditionedSgld, sghmc, sgld } from "@ergodic/samplers/stochastic-gradients";
import { parallelTempering } from "@ergodic/samplers/tempering";

export type Pair = { a: tf.Tensor; b: tf.Tensor };

export interface Row {
  readonly name: string;
  /**
   * A kernel for an energy of pairs `{ a: [chains, 1], b: [chains, 2, 1] }`, with steps of about
   * this size.
   */
  readonly make: (energy: Energy<Pair>, stepSize: number) => Kernel<Pair> | HostKernel<Pair>;
  /** Whether it moves along gradients with the given step size. Default true. */
  readonly local?: boolean;
  /** The number of positions per chain in one call of the energy. Default 1. */
  readonly replicas?: number;
}

const proposal = {
  sample: (key: Parameters<typeof random.split>[0], n: number): Pair =>
    random.normalLike(key, { a: tf.zeros([n, 1]), b: tf.zeros([n, 2, 1]) }, { sd: 1.2 }),
  energy: ({ a, b }: Pair): tf.Tensor =>
    tf.div(tf.add(tf.sum(tf.square(a), [1]), tf.sum(tf.square(b), [1, 2])), 2 * 1.2 * 1.2),
};

export const rows: readonly Row[] = [
  { name: "langevin", make: (energy, stepSize) => langevin<Pair>({ energy, stepSize }) },
  {
    name: "langevin, everything bounded and scheduled",
    make: (energy, stepSize) =>
      langevin<Pair>({
        energy,
        stepSize,
        noise: (step) => tf.div(stepSize, tf.add(step, 1)),
        gradientClip: { limit: 0.8, by: "norm" },
        clamp: [-1.5, 1.5],
        denoiseLast: 6,
        mass: denseMass(),
      }),
  },
  { name: "mala", make: (energy, stepSize) => mala<Pair>({ energy, stepSize }) },
  { name: "hmc", make: (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: 3 }) },
  {
    name: "hmc, lengths drawn",
    make: (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: [1, 2, 4], mass: identityMass() }),
  },
  {
    name: "hmc, dense mass",
    make: (energy, stepSize) => hmc<Pair>({ energy, stepSize, steps: 2, mass: denseMass() }),
  },
  { name: "nuts", make: (energy, stepSize) => nuts<Pair>({ energy, stepSize, maxDepth: 5 }) },
  {
    name: "independence",
    local: false,
    make: (energy) => independence<Pair>({ energy, proposal }),
  },
  {
    name: "cycle",
    make: (energy, stepSize) =>
      cycle<Pair>([hmc<Pair>({ energy, stepSize, steps: 2 }), independence<Pair>({ energy, proposal })]),
  },
  {
    name: "mixture",
    make: (energy, stepSize) =>
      mixture<Pair>([mala<Pair>({ energy, stepSize }), independence<Pair>({ energy, proposal })], { weights: [3, 1] }),
  },
  {
    name: "mixture, one choice for all",
    make: (energy, stepSize) =>
      mixture<Pair>([mala<Pair>({ energy, stepSize }), hmc<Pair>({ energy, stepSize, steps: 2 })], { shared: true }),
  },
  {
    name: "parallelTempering",
    replicas: 3,
    make: (energy, stepSize) =>
      parallelTempering<Pair>({
        energy,
        kernel: (tempered) => hmc<Pair>({ energy: tempered, steps: 2 }),
        betas: [1, 0.6, 0.3],
        stepSize: () => stepSize,
      }),
  },
  { name: "weightedLangevin", make: (energy, stepSize) => weightedLangevin<Pair>({ energy, stepSize }) },
  {
    name: "sgld",
    make: (energy, stepSize) => sgld<Pair>({ energy, learningRate: stepSize }),
  },
  {
    name: "preconditionedSgld",
    make: (energy, stepSize) => preconditionedSgld<Pair>({ energy, learningRate: stepSize }),
  },
  {
    name: "preconditionedSgld, corrected",
    make: (energy, stepSize) =>
      preconditionedSgld<Pair>({ energy, learningRate: stepSize, decay: 0.5, damping: 0.3, correction: true }),
  },
  {
    name: "sghmc",
    make: (energy, stepSize) => sghmc<Pair>({ energy, learningRate: stepSize }),
  },
  {
    name: "cyclicalSgld",
    make: (energy, stepSize) =>
      cyclicalSgld<Pair>({ energy, learningRate: stepSize, cycleLength: 4, exploration: 0.5 }),
  },
];
